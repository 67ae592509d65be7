"""A participatory budget in one text: three tables, none mixed with another."""

from allmende.catalogue.loaders.tests.tabled import Tabled

BUDGET = """META
key;value
description;Ulmenfurt 2025
budget;50000
PROJECTS
project_id;cost;votes;name
1;10000;3;Bänke am Ufer
2;25000;2;Ein Brunnen
VOTES
voter_id;vote
0001;1,2
0002;1
0003;1;9
"""


def test_three_tables():
    tables = [Tabled(BUDGET.encode(), number=number) for number in range(3)]
    assert [each["recipe"]["table"] for each in tables[0].tables] == ["meta", "projects", "votes"]
    assert tables[0].column("key") == ["description", "budget"] and tables[0].recipe.key == ("key",)
    assert tables[1].column("cost") == [10000, 25000] and tables[1].recipe.key == ("project_id",)
    assert tables[2].column("vote") == ["1,2", "1"] and tables[2].column("voter_id") == ["0001", "0002"]
    assert [(each["row"], each["code"]) for each in tables[2].aside] == [(13, "ragged")]


def test_one_of_them():
    assert Tabled(BUDGET.encode(), layer="votes").done["kept"] == 2
    assert Tabled(BUDGET.encode(), layer="winners").refused == "no_such_layer"
    assert len(Tabled(BUDGET.partition("VOTES")[0].encode()).tables) == 2
