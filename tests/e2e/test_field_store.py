"""What the phone keeps, in a real browser: IndexedDB as it is, not its twin in memory."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from aidtrack.web.assets import asset

Run = Callable[..., Any]

# `base` is where the modules lie; every script gets them and the vendored idb
MODULES = """
async ({base, given}) => {
  const [store, device, pack, events, engine, idb] = await Promise.all([
    ...["store", "device", "pack", "events", "engine"].map((name) => import(`${base}js/field/${name}.js`)),
    import(`${base}vendor/idb.js`),
  ]);
  const made = (id, more) => ({
    id, device: "d-1", seq: 1, type: "handout", place: 2, round: 3, index: 4, of: null, est: 5, lots: [], lines: [],
    partial: false, outcome: "", receiptAt: null, generation: 0, body: "{}", sig: "s", hash: `h-${id}`, ...more,
  });
  const enrolled = async (kept) => kept.enrolled({
    id: "d-1", person: "", place: {id: 2}, round: {id: 3}, ...(await device.newKeys()), enrolledAt: 1, active: true, trouble: null,
  });
  const codeOf = (work) => work.then(() => "done", (refusal) => refusal.code ?? String(refusal));
  %s
}
"""


@pytest.fixture
def run(app: Flask, live_url: str, page: Page) -> Run:
    """Runs a script with the engine's modules on a page of the product, under its CSP."""
    with app.test_request_context():
        base = asset("js/field/store.js").removesuffix("js/field/store.js")
    page.goto(f"{live_url}/sign-in")

    def of(script: str, given: Any = None) -> Any:
        return page.evaluate(MODULES % script, {"base": base, "given": given})

    return of


def test_events_and_the_key_outlive_the_page_and_writes_are_strict(run: Run, page: Page) -> None:
    """The key comes back as a key that signs and cannot be taken out."""
    modes = run(
        """
        const modes = [];
        const before = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (stores, mode, how) {
          modes.push([mode, how?.durability]);
          return before.call(this, stores, mode, how);
        };
        const kept = store.openStore(idb);
        await enrolled(kept);
        await kept.append(made("a"), null);
        await kept.append(made("b", {seq: 2}), "h-a");
        await kept.settle([{id: "a", hash: "h-a", outcome: "recorded", receiptAt: 9, generation: 1}]);
        return modes;
        """
    )
    assert modes
    assert {durability for mode, durability in modes if mode == "readwrite"} == {"strict"}
    page.reload()
    found = run(
        """
        const kept = store.openStore(idb);
        const {privateKey} = await kept.activeDevice();
        const signature = await crypto.subtle.sign({name: "ECDSA", hash: "SHA-256"}, privateKey, new Uint8Array(3));
        return {
          unsent: (await kept.events()).map(({id}) => id), sent: await kept.history(), chain: (await kept.glance()).chain,
          signature: signature.byteLength, taken: await codeOf(crypto.subtle.exportKey("jwk", privateKey).then(() => { throw "out"; }, () => {})),
        };
        """
    )
    assert found["unsent"] == ["b"]
    assert found["chain"] == {"device": "d-1", "seq": 2, "prev": "h-b"}
    assert found["signature"] == 64
    assert found["taken"] == "done"
    (sent,) = found["sent"]
    assert (sent["id"], sent["outcome"], "body" in sent) == ("a", "recorded", False)


def test_a_chain_that_moved_and_an_event_that_is_there_write_nothing(run: Run) -> None:
    """What another tab wrote in between stands."""
    assert run(
        """
        const kept = store.openStore(idb);
        await enrolled(kept);
        const first = await kept.append(made("a"), null);
        const again = await kept.append(made("a"), null);
        const moved = await codeOf(kept.append(made("b", {seq: 1}), null));
        return [first, again.id, moved, (await kept.events()).length];
        """
    ) == [None, "a", "chain_moved", 1]


def test_a_wiped_storage_refuses_the_next_event_by_name(run: Run) -> None:
    """The page is open and the browser throws everything away."""
    assert (
        run(
            """
            const kept = store.openStore(idb);
            await enrolled(kept);
            await kept.append(made("a"), null);
            await idb.deleteDB(store.DATABASE);
            return codeOf(kept.append(made("b", {seq: 2}), "h-a"));
            """
        )
        == "storage_gone"
    )


def test_a_full_storage_refuses_by_name_and_keeps_what_was_there(run: Run, page: Page, live_url: str) -> None:
    """Chromium is told that this origin may keep a little and no more."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": live_url, "quotaSize": 1_000_000})
    found = run(
        """
        const kept = store.openStore(idb);
        await enrolled(kept);
        await kept.append(made("a"), null);
        let prev = "h-a";
        const noise = () => String.fromCharCode(...crypto.getRandomValues(new Uint16Array(30_000)).map((unit) => unit % 0xd800));
        for (let seq = 2; seq < 400; seq += 1) {
          const id = `e${seq}`;
          const said = await codeOf(kept.append(made(id, {seq, body: noise()}), prev));
          if (said !== "done") return [said, (await kept.events()).length === seq - 1, (await kept.glance()).chain.prev === prev];
          prev = `h-${id}`;
        }
        """
    )
    assert found == ["storage_full", True, True]


def test_a_newer_page_may_change_the_database_while_this_one_is_open(run: Run) -> None:
    """The old page lets go and finds its events again."""
    assert (
        run(
            """
        const kept = store.openStore(idb);
        await enrolled(kept);
        await kept.append(made("a"), null);
        const newer = await idb.openDB(store.DATABASE, 2);
        newer.close();
        return codeOf(kept.events());
        """
        )
        == "storage_gone"
    )
