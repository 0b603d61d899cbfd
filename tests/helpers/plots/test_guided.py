"""Figures of guided searches: what stands in their words, and what they draw."""

from helpers.plots import Generation, genealogy, step_scores, visited_tree
from helpers.plots.guided import visit_nodes


def test_step_scores_name_each_place_with_its_median():
    kinds = {"one before": [0.9, 0.8, 1.0], "first false sum": [0.1, 0.2, 0.3], "one after": []}
    figure = step_scores(kinds, title="It falls.", model="small", scorer="prm")
    assert "one before: median 0.90 of 3 lines" in figure.alt
    assert "first false sum: median 0.20" in figure.alt and "one after" not in figure.alt
    assert figure.png


def test_a_genealogy_counts_the_first_lines_that_have_descendants():
    generations = [
        Generation((0.9, 0.2, 0.8, 0.1), (0, 1, 2, 3)),
        Generation((0.9, 0.9, 0.7, 0.4), (0, 0, 2, 2)),
        Generation((0.9, 0.8, 0.9, 0.7), (0, 0, 1, 1)),
    ]
    figure = genealogy(generations, title="One family.", model="small")
    assert "at the end 1 of the first have descendants" in figure.alt
    assert "line 1: 2 of 4 scored 0.5 or more" in figure.alt and figure.png


A, B = ("8 + 8 = 16 (left: 3 16)",), ("8 - 3 = 5 (left: 5 8)",)
END = (*B, "8 + 5 = 13 (left: 13)")
CHILDREN = {(): [A, B], B: [END]}
VISITS, TOTALS = {(): 4, A: 1, B: 3, END: 2}, {(): 2, A: 0, B: 2, END: 2}


def test_visited_places_become_nodes():
    nodes = visit_nodes(CHILDREN, VISITS, TOTALS, root="3 8 8", most=9)
    assert [(node.parent, node.state, node.note) for node in nodes] == [
        (None, "kept", "4 visits"),
        (0, "kept", "3 visits, 67 %"),
        (0, "pruned", "1 visit, 0 %"),
        (1, "answer", "2 visits, 100 %"),
    ]
    figure = visited_tree(CHILDREN, VISITS, TOTALS, root="3 8 8", title="Won.", model="small")
    assert figure.png and "all results 0" in figure.alt and "pruned" not in figure.alt


def test_only_the_most_visited_are_drawn_with_what_leads_to_them():
    assert len(visit_nodes(CHILDREN, VISITS, TOTALS, root="3 8 8", most=1)) == 2


def test_a_tree_that_never_grew_is_a_root():
    assert len(visit_nodes({(): []}, {(): 3}, {(): 0}, root="3 8 8", most=5)) == 1
