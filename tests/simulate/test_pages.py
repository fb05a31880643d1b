"""A page is read as a browser reads it, and nothing is sent that the page does not offer."""

import pytest

from survey.simulate.pages import read_page

HTML = b"""<!doctype html><title>Vraag</title>
<header><a rel="prev" href="/town/nl/page/age">Vorige</a>
<button form="answers" name="language" value="en">English</button></header>
<form id="answers" method="post" action="/town/nl/page/grade">
<input type="hidden" name="csrf" value="secret">
<input type="radio" name="answer" value="1"><input type="radio" name="answer" value="-8">
<button>Volgende</button><button name="skip" value="1">Overslaan</button></form>
<form method="get" action="/search"><input name="q"></form>
<a href="/town/nl/stop?x=1">Stoppen</a>"""


def test_a_form_is_sent_with_its_hidden_fields_and_the_button_pressed() -> None:
    form = read_page(HTML).form
    assert form is not None
    assert form.action == "/town/nl/page/grade"
    assert form.filled({"answer": ["-8"]}) == (("csrf", "secret"), ("answer", "-8"))
    assert form.filled({}, "skip") == (("csrf", "secret"), ("skip", "1"))


def test_what_a_page_does_not_offer_cannot_be_sent() -> None:
    form = read_page(HTML).form
    assert form is not None
    with pytest.raises(ValueError, match="answer does not offer 7"):
        form.filled({"answer": ["7"]})
    with pytest.raises(KeyError):
        form.filled({}, "submit")


def test_buttons_outside_the_form_that_name_it_belong_to_it() -> None:
    form = read_page(HTML).form
    assert form is not None
    assert form.button("language") is not None


def test_where_one_can_type_anything_may_be_sent() -> None:
    form = read_page(
        b'<form method="post"><input name="answer"><textarea name="more"></textarea></form>'
    ).form
    assert form is not None
    assert form.filled({"answer": ["2316"], "more": ["x"]}) == (("answer", "2316"), ("more", "x"))


def test_links_are_found_by_relation_and_by_the_end_of_their_path() -> None:
    page = read_page(HTML)
    assert page.related("prev") == "/town/nl/page/age"
    assert page.link("/stop") == "/town/nl/stop?x=1"
    assert page.link("/help") is None


def test_a_page_without_a_form_that_posts_has_none() -> None:
    assert read_page(b"<form><input name=q></form>").form is None
