/**
 * How long the phone's engine takes, in node or in a browser: `measure(modules, store, pack, codes)`. The server is a
 * stub in the same process, so that the figures are the phone's own work.
 */

const b64 = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function stub(pack) {
  return async (path, { body }) => {
    if (path.endsWith("/enrol")) {
      return Response.json({ device: "bench", person: "", place: { id: 2, name_uk: "", name_en: "" }, round: { id: 3 }, server_time: new Date().toISOString() }, { status: 201 });
    }
    if (path.startsWith("/sync/v1/pack")) return new Response(pack, { status: 200 });
    const receipts = await Promise.all(JSON.parse(body).events.map(async ({ body: text }) => ({
      id: JSON.parse(text).id, hash: b64(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))),
      outcome: "recorded", at: new Date().toISOString(), title: "", text: "",
    })));
    return Response.json({ receipts, server_time: new Date().toISOString(), pack: "bench", revoked: false });
  };
}

function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 10) / 10;
  return { median_ms: at(0.5), p95_ms: at(0.95), times: sorted.length };
}

export async function measure({ openEngine }, store, pack, codes) {
  const engine = await openEngine({ store, app: "bench", fetch: stub(pack) });
  await engine.enrol("bench", "bench");
  let began = performance.now();
  const { pack: state } = await engine.sync();
  const taking = performance.now() - began;
  if (state !== "new") throw new Error(`the pack was not taken: ${state}`);
  const looks = [];
  const gives = [];
  for (const [n, code] of codes.entries()) {
    began = performance.now();
    const verdict = await engine.look(code, "camera");
    if (n > 0) looks.push(performance.now() - began);
    if (verdict.code !== "ready" || !verdict.card.name) throw new Error(`not ready: ${verdict.code}`);
    began = performance.now();
    await engine.handout({ id: crypto.randomUUID(), verdict });
    gives.push(performance.now() - began);
  }
  began = performance.now();
  const { sent } = await engine.sync();
  const sending = performance.now() - began;
  if (sent !== codes.length) throw new Error(`sent ${sent} of ${codes.length}`);
  engine.close();
  return {
    pack_mb: Math.round(pack.byteLength / 10_000) / 100, pack_taken_ms: Math.round(taking), verify_and_open: summary(looks),
    write_down: summary(gives), events_sent: sent, sent_ms_without_network: Math.round(sending),
  };
}
