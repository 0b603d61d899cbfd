"""The tree that is drawn of a search."""

from helpers.plots.trees import draw_search, search_nodes
from helpers.search import State

ROOT = State(0)
A, B = ROOT.then("12 - 5 = 7", -0.5), ROOT.then("12 - 5 = 6", -2.0)
AA, AB = A.then("7 + 7 = 14", -0.25), A.then("7 + 7 = 15", -3.0)
END = AA.then("Final: 14", -0.25)
OTHER = State(1).then("3 * 5 = 15", -0.1)
LEVELS = [
    ([A, B, OTHER], [-0.5, -2.0, -0.1], [A, OTHER]),
    ([AA, AB], [-0.75, float("-inf")], [AA]),
    ([END], [-1.0], [END]),
]


def test_nodes_of_one_problem_parents_first():
    nodes = search_nodes(LEVELS, END, problem=0, root="apples")
    assert [node.label for node in nodes] == ["apples", *(s.lines[-1] for s in (A, B, AA, AB, END))]
    assert [node.state for node in nodes] == ["answer", "answer", "pruned", "answer", "pruned", "answer"]
    assert [node.parent for node in nodes] == [None, 0, 0, 1, 1, 3]
    assert [node.note for node in nodes] == ["", "-0.50", "-2.00", "-0.75", "ruled out", "-1.00"]


def test_a_state_that_stays_over_levels_is_one_node():
    done = A.then("Final: 7")
    later = [([A], [0.0], [A]), ([done], [0.5], [done]), ([done, AA], [0.2, 0.9], [AA])]
    nodes = search_nodes(later, None, problem=0, root="apples")
    assert [(node.label, node.state) for node in nodes] == [
        ("apples", "kept"),
        ("12 - 5 = 7", "kept"),
        ("Final: 7", "pruned"),
        ("7 + 7 = 14", "kept"),
    ]
    assert nodes[2].note == "0.20"


def test_what_is_left_stands_on_its_own_line():
    step = ROOT.then("8 + 8 = 16 (left: 3 16)")
    nodes = search_nodes([([step], [1.0], [step])], None, problem=0, root="3 8 8")
    assert nodes[1].label == "8 + 8 = 16\nleft 3 16"


def test_the_picture_says_in_words_what_it_shows():
    figure = draw_search(LEVELS, END, problem=0, root="apples", title="Found: 14", model="tiny")
    assert figure.png.startswith(b"\x89PNG")
    for words in ("Found: 14", "Model: tiny", "12 - 5 = 6 (pruned)", "Final: 14 (answer)"):
        assert words in figure.alt
