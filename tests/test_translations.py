"""No person reads a text in a language they did not choose."""

import pytest
from babel.messages.catalog import Message

from tools import i18n


def test_every_text_has_a_sound_ukrainian_translation() -> None:
    assert i18n.catalogue_faults() == []


def test_no_text_escapes_translation() -> None:
    assert i18n.unmarked() == []


def test_the_source_is_searched_at_all() -> None:
    found = i18n.uses()
    files = {use.file.split("/")[0] for places in found.values() for use in places}
    assert files == {"aidtrack", "templates"}
    assert len(found) > 100


@pytest.mark.parametrize(
    "template",
    [
        "<p>Two words</p>",
        '<button aria-label="Close">×</button>',
        '<input type="submit" value="Send">',
        "<p>{{ _('Marked') }} and not</p>",
        "<p>Кома</p>",
    ],
)
def test_a_bare_word_in_a_template_is_found(template: str) -> None:
    assert len(i18n.bare_words(template)) == 1


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ _('Two words') }}</p>",
        "<p>{% trans %}Two words{% endtrans %}</p>",
        '<a class="secondary" href="{{ url_for("web.home") }}">→ 5</a>',
        "{# a note #}<script>const words = 1</script>",
        '<input type="hidden" value="some value">',
    ],
)
def test_marked_texts_and_markup_pass(template: str) -> None:
    assert i18n.bare_words(template) == []


@pytest.mark.parametrize(
    "source", ['flash("Saved.")', 'x = StringField("Name")', 'class E:\n    text = "No."']
)
def test_a_bare_string_in_python_is_found(source: str) -> None:
    assert len(i18n.bare_strings(source)) == 1


def test_a_marked_string_in_python_passes() -> None:
    assert i18n.bare_strings('flash(_("Saved."))\ntext = N_("No.")\nname = HiddenField("id")') == []


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (Message("%(n)s kg", "%(m)s кг"), "differ in places"),
        (Message("Name", ""), "empty translation"),
        (Message("Name", "Ім'я", flags=["fuzzy"]), "fuzzy"),
        (Message(("%(n)s bag", "%(n)s bags"), ("%(n)s мішок", "%(n)s мішки")), "3 plural forms"),
        (Message("Nowhere", "Ніде"), "used nowhere"),
    ],
)
def test_a_broken_translation_is_found(message: Message, fault: str) -> None:
    found: dict[i18n.Key, list[i18n.Use]] = {
        ("%(n)s kg", None): [i18n.Use("a", 1, None)],
        ("Name", None): [i18n.Use("a", 1, None)],
        ("%(n)s bag", None): [i18n.Use("a", 1, "%(n)s bags")],
    }
    faults = list(i18n.entry_faults("room", message, found))
    assert len(faults) == 1
    assert fault in faults[0]
