"""Metadata quality over HTTP."""

import httpx


def test_points_with_reasons(stranger: httpx.Client):
    trees = stranger.get("/api/catalogue/datasets/trees/quality").json()
    budget = stranger.get("/api/catalogue/datasets/budget/quality").json()
    assert (trees["most"], trees["rating"]) == (405, "excellent")
    assert trees["points"] == sum(check["points"] for check in trees["checks"])
    assert budget["points"] < trees["points"]
    lost = {check["key"]: check["gain"]["de"] for check in budget["checks"] if check["points"] < check["most"]}
    assert {"keywords", "themes", "place", "time", "contact", "rights"} <= lost.keys() and all(lost.values())


def test_of_what_one_may_not_see_nothing_is_said(stranger: httpx.Client, insider: httpx.Client):
    assert stranger.get("/api/catalogue/datasets/cases/quality").status_code == 404
    reached = {check["key"]: check for check in insider.get("/api/catalogue/datasets/cases/quality").json()["checks"]}
    assert reached["access_url"]["points"] == 0
