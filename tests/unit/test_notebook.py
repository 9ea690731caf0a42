from motet.notebook import paragraph, table


def test_a_table_has_its_header_its_rows_and_numbers_to_the_right():
    assert table(("task", "score"), [("buy", 1)], right={1}) == (
        '<table><thead><tr><th>task</th><th style="text-align: right">score</th></tr></thead>'
        '<tbody><tr><td>buy</td><td style="text-align: right">1</td></tr></tbody></table>'
    )


def test_no_text_becomes_markup():
    shown = table(("<b>",), [("</td><script>alert('x')</script>",), ('" onclick="',)]) + paragraph("a < b & c")
    assert "<script" not in shown and "<b>" not in shown and '" onclick' not in shown
    assert "&lt;script&gt;" in shown and "<p>a &lt; b &amp; c</p>" in shown
