from tests.scanner.conftest import Counter
def test_x(counter: Counter) -> None:
    text = counter.open()
    a = counter.scan(counter.world.codes[0])
    print(a)
    r = counter.give(counter.world.codes[0]); print(r.status_code, r.json)
    print(counter.scan(counter.world.codes[0]))
    print(counter.client.get(f'/counter/today?place_id={counter.world.place_id}').json)
