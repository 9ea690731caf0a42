import tomllib

import pytest

from motet.transfer.advise.lines import section_lines, with_sections

ADVISED = {"sharing": {"kind": "shared_bottom", "valves": {"b": 0.3}}, "balance": {"kind": "norm", "main": "a"}}
FILE = """# my project
[tasks.a]
kind = "binary"       # the one that pays
positive = [
  "yes",
  "[sharing]",
]

[sharing]             # an older idea
kind = "ple"
experts = 6
[sharing.valves]
c = 0.5

[train]
epochs = 3
"""


def test_sections_take_the_place_of_a_files_own_and_comments_stay():
    found = with_sections(FILE, ADVISED)
    read = tomllib.loads(found)
    assert read["sharing"] == {"kind": "shared_bottom", "experts": 6, "valves": {"b": 0.3}}
    assert read["balance"] == ADVISED["balance"] and read["train"] == {"epochs": 3}
    assert read["tasks"] == tomllib.loads(FILE)["tasks"]
    assert "# my project" in found and "# the one that pays" in found and "an older idea" not in found


@pytest.mark.parametrize("odd", ['sharing.kind = "ple"\n', 'sharing = { kind = "ple" }\n[train]\nepochs = 2\n'])
def test_sections_written_in_other_ways_are_replaced_as_well(odd):
    read = tomllib.loads(with_sections(odd, ADVISED))
    assert read == {**tomllib.loads(odd), **ADVISED}


def test_advice_can_be_pasted_into_an_empty_file():
    assert tomllib.loads(with_sections("", ADVISED)) == tomllib.loads(section_lines(ADVISED)) == ADVISED
