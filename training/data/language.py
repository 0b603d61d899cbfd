"""Words and sentence patterns of the generated word problems.

A pattern is a clause without final stop; `{S}` is the person or place the story follows, `{n}` the number of
the event, `{T}` the counted things, `{Q}` another person.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

WOMEN = "Anna Mary Lucy Mia Nora Rosa Ella Zoe Ines Leila Grace Hana Olga Priya Sofia Vera Yuki Amina Carla Dina".split()
MEN = (
    "John Tom Ben Omar Luis Paul Max Leo Ivan Raj Sam Hugo Karl Noah Felix Emil Ali Kenji Peter David".split()
)
THINGS = (
    "apples oranges pears plums eggs cookies muffins marbles stickers stamps coins cards pencils pens "
    "notebooks books "
    "shells beads toys balls cups plates candles roses tulips seeds bottles stones photos tickets buttons "
    "magnets "
    "lemons carrots potatoes sandwiches postcards balloons badges keys ribbons crayons"
).split()
CONTAINERS = "boxes bags packs baskets crates jars packets trays".split()
SMALL_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True)
class Event:
    """One change of the counted quantity: `op` is one of + - * /, `tag` names it in the solution."""

    op: str
    tag: str
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """A setting: how it starts, what may happen, what is asked. `subject` is 'person' or a noun phrase."""

    name: str
    subject: str
    starts: tuple[str, ...]
    events: tuple[Event, ...]
    questions: tuple[str, ...]
    before: tuple[str, ...] = ()
    things: tuple[str, ...] = tuple(THINGS)
    times: tuple[str, ...] = ()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


def _event(op: str, tag: str, text: str) -> Event:
    return Event(op, tag, _lines(text))


DAY = _lines("""later
    then
    after that
    in the morning
    in the afternoon
    in the evening
    after lunch
    on the way home
    on the way to school
    the next day
    on Monday
    on Friday
    at noon
    at the end of the day
    a little later
    during the break
    before dinner""")

POSSESSION = Scene(
    "possession",
    "person",
    _lines("""{S} has {n} {T}
    {S} starts the day with {n} {T}
    {S} starts with {n} {T} in {his} bag
    {S} owns {n} {T}
    {S} has collected {n} {T}
    {S} keeps {n} {T} in a drawer
    there are {n} {T} on the table of {S}
    {S} begins the week with {n} {T}
    at first {S} has {n} {T}
    {S} finds {n} {T} in an old box"""),
    (
        _event(
            "-",
            "Gives away",
            """{S} gives {Q} {n} {T}
        {S} gives {n} {T} to {Q}
        {S} gives away {n} {T}
        {S} gives {n} of them to {Q}
        {S} hands {n} {T} to {Q}
        {Q} gets {n} of the {T} from {S}
        {S} lets {Q} take {n} {T}""",
        ),
        _event(
            "-",
            "Loses",
            """{S} loses {n} {T}
        {S} drops {n} {T} on the road
        {n} {T} get lost
        {n} of the {T} are stolen""",
        ),
        _event(
            "-",
            "Sells",
            """{S} sells {n} {T}
        {S} sells {n} of them to {Q}
        {Q} buys {n} {T} from {S}""",
        ),
        _event(
            "-",
            "Uses",
            """{S} uses {n} {T}
        {S} uses up {n} of them
        {S} throws away {n} broken {T}
        {S} breaks {n} {T}
        {n} of the {T} break""",
        ),
        _event(
            "+",
            "Buys",
            """{S} buys {n} more {T}
        {S} buys {n} {T}
        {S} buys another {n} {T}
        {S} goes to a shop and buys {n} more {T}
        {S} buys {n} more""",
        ),
        _event(
            "+",
            "Gets",
            """{S} gets {n} more {T}
        {Q} gives {him} {n} {T}
        {S} receives {n} {T} from {Q}
        {S} gets {n} {T} as a present
        {Q} brings {him} {n} more {T}
        {S} wins {n} {T}""",
        ),
        _event(
            "+",
            "Finds",
            """{S} finds {n} {T}
        {S} finds {n} more {T} under the bed
        {S} picks up {n} {T}
        {S} discovers {n} extra {T}""",
        ),
        _event(
            "*",
            "Times",
            """{S} collects more until {he} has {k} times as many {T}
        a friend gives {him} so many {T} that {he} has {k} times as many
        the number of {T} grows to {k} times as many""",
        ),
        _event(
            "/",
            "Shared among",
            """{S} shares all the {T} equally among {n} bags and keeps one bag
        {S} splits the {T} into {n} equal piles and keeps only one pile
        the {T} are divided equally among {n} people, and {S} is one of them""",
        ),
    ),
    _lines("""how many {T} does {S} have
    how many {T} does {S} have in the end
    how many {T} does {S} have now
    how many {T} are left
    how many {T} remain
    what is the number of {T} that {S} has at the end
    what is the final number of {T}
    with how many {T} does {S} end up"""),
    _lines("""how many {T} did {S} have at the start
    how many {T} did {S} have before that
    with how many {T} did {S} begin"""),
    times=DAY,
)

BUS = Scene(
    "bus",
    "the {V}",
    _lines("""{S} starts with {n} passengers
    a {V} begins its trip with {n} people on board
    there are {n} passengers on {S}
    {S} leaves the station with {n} passengers on board
    {n} people are sitting in {S}
    {S} carries {n} travellers"""),
    (
        _event(
            "-",
            "Get off",
            """{n} people get off
        {n} passengers leave {S}
        {n} people leave
        {n} more get off
        {n} more leave
        {n} of the passengers step out
        {S} loses {n} passengers""",
        ),
        _event(
            "+",
            "Get on",
            """{n} people get on
        {n} new passengers enter
        {n} more people board {S}
        {n} get on
        {n} enter
        {n} other people climb in
        {n} different passengers get in
        {n} new people come in
        {S} picks up {n} passengers""",
        ),
    ),
    _lines("""how many passengers are on {S}
    how many people are on {S} now
    how many passengers are there in the end
    what is the number of people on {S}
    what is the final number of passengers
    how many people are still on board"""),
    _lines("""how many passengers were on {S} at the start
    how many people were on board before that"""),
    things=("passengers",),
    times=_lines("""at the first stop
    at the second stop
    at the next stop
    at the last stop
    in the town
    at the school
    at the market
    then
    later"""),
)

SALES = Scene(
    "sales",
    "person",
    _lines("""in the morning a shop sells {n} {T}
    a store sells {n} {T} before lunch
    on Monday the market stall of {S} sells {n} {T}
    a bakery writes down that {n} {T} were sold
    {S} counts the sales: first {n} {T} are sold
    a kiosk sells {n} {T} in the first hour
    a shop with untidy books sells {n} {T} in the morning
    a store keeps poor records: at first it sells {n} {T}"""),
    (
        _event(
            "+",
            "Sold",
            """it sells {n} more
        another {n} are sold
        {n} more {T} are sold
        the shop sells {n} {T} to a school
        a customer buys {n} {T}
        it sells {n} {T} more""",
        ),
        _event(
            "-",
            "Returned",
            """{n} {T} are returned
        customers bring back {n} {T}
        {n} of the {T} come back (these do not count as sold)
        {n} sales are cancelled
        {n} {T} are brought back (they should not be counted as sold)
        {n} {T} are returned and must be subtracted
        {n} {T} are returned, so those do not count any more
        {n} {T} are returned (which means that they were not sold after all)
        customers return {n}, and returned {T} do not count as sales""",
        ),
    ),
    _lines("""how many {T} were sold
    how many {T} were sold in total
    how many {T} were really sold in the end
    what is the true number of {T} sold
    how many {T} did it sell altogether
    how many {T} were actually sold
    how many {T} were actually sold, with the returns taken off
    after all corrections, how many {T} were sold in total"""),
    times=_lines("""in the afternoon
    in the evening
    on Tuesday
    the next day
    after lunch
    at the end of the day
    before closing
    later
    then"""),
)

STOCK = Scene(
    "stock",
    "the {W}",
    _lines("""{S} has {n} {T} in stock
    there are {n} {T} in {S}
    {S} opens with {n} {T} on the shelf
    {S} holds {n} {T}"""),
    (
        _event(
            "-",
            "Sold",
            """{n} {T} are sold
        {S} sells {n} {T}
        customers buy {n} of them
        {n} go to a customer""",
        ),
        _event(
            "-",
            "Removed",
            """{n} {T} are damaged and thrown away
        workers remove {n} {T}
        {n} {T} are sent to another place
        {n} bad {T} are taken out""",
        ),
        _event(
            "+",
            "Delivered",
            """a truck brings {n} more {T}
        {n} new {T} arrive
        {S} receives {n} {T}
        a delivery adds {n} {T}
        {n} {T} are put back""",
        ),
        _event(
            "*",
            "Times",
            """the number of {T} in {S} becomes {k} times as large
        {S} orders until it has {k} times as many {T}""",
        ),
        _event(
            "/",
            "Shared among",
            """all {T} are packed equally into {n} boxes, and only one box stays in {S}
        the {T} are divided equally among {n} shops, and {S} is one of them""",
        ),
    ),
    _lines("""how many {T} are in {S}
    how many {T} are left in {S}
    how many {T} does {S} have at the end
    what is the number of {T} in {S} now"""),
    _lines("""how many {T} were in {S} at the start
    how many {T} did {S} have before that"""),
    times=DAY,
)

WATER = Scene(
    "water",
    "the {K}",
    _lines("""{S} holds {n} litres of water
    there are {n} litres in {S}
    {S} is filled with {n} litres"""),
    (
        _event(
            "-",
            "Out",
            """{n} litres leak out
        {n} litres are used
        somebody takes {n} litres from {S}
        {S} loses {n} litres""",
        ),
        _event(
            "+",
            "In",
            """{n} litres are added
        rain adds {n} litres
        a pipe brings {n} more litres
        {n} litres flow into {S}""",
        ),
    ),
    _lines("""how many litres are in {S}
    how much water is left in {S}, in litres
    how many litres does {S} hold at the end"""),
    _lines("""how many litres were in {S} at the start"""),
    things=("litres",),
    times=DAY,
)

MONEY = Scene(
    "money",
    "person",
    _lines("""{S} has {n} dollars
    {S} has saved {n} dollars
    {S} starts with {n} dollars in {his} wallet
    there are {n} dollars in the purse of {S}"""),
    (
        _event(
            "-",
            "Spends",
            """{S} spends {n} dollars on food
        {S} pays {n} dollars for a ticket
        {S} buys a book for {n} dollars
        {S} spends {n} dollars
        a lunch costs {him} {n} dollars
        {S} lends {Q} {n} dollars""",
        ),
        _event(
            "+",
            "Earns",
            """{S} earns {n} dollars
        {S} gets {n} dollars for helping {Q}
        {Q} pays {him} {n} dollars
        {S} receives {n} dollars
        {S} saves another {n} dollars
        {S} finds {n} dollars in a coat""",
        ),
        _event(
            "*",
            "Times",
            """the savings of {S} grow to {k} times that amount
        a prize makes {his} savings {k} times as large""",
        ),
    ),
    _lines("""how many dollars does {S} have
    how much money does {S} have now, in dollars
    how many dollars are left
    how much money is left
    what is the final amount in dollars"""),
    _lines("""how many dollars did {S} have at the start
    how much money did {S} have before that"""),
    things=("dollars",),
    times=DAY,
)

GAME = Scene(
    "game",
    "person",
    _lines("""{S} scores {n} points in the first game
    {S} starts a game with {n} points
    {S} collects {n} points in the first round
    {S} has {n} points after the first game"""),
    (
        _event(
            "+",
            "Scores",
            """{S} scores {n} more points
        {S} wins another {n} points
        a bonus adds {n} points
        the next round brings {him} {n} points""",
        ),
        _event(
            "-",
            "Loses",
            """{S} loses {n} points
        a penalty costs {him} {n} points
        the referee takes away {n} points""",
        ),
        _event("*", "Times", """a bonus round makes {his} score {k} times as large"""),
    ),
    _lines("""how many points does {S} have
    what is the final score of {S}
    how many points is that in total
    with how many points does {S} finish"""),
    things=("points",),
    times=_lines("""later
    then
    in the second game
    in the next round
    in the last round
    after the break"""),
)

SCENES = (POSSESSION, BUS, SALES, STOCK, WATER, MONEY, GAME)
SCENE_WEIGHTS = (8, 4, 5, 4, 2, 4, 2)
VEHICLES = "bus train tram boat ferry van".split()
WAREHOUSES = "shop warehouse library kitchen school store garden farm museum office".split()
TANKS = "tank barrel pool bucket pond".split()

QUESTION_OPENINGS = _lines("""in the end,
    now,
    after all of this,
    after all that,
    so,
    so in the end,
    ignoring everything else,
    when everything is counted,
    at the end of the day,
    after these changes,
    so after all of that,
    when the story ends,""")

# sentences that change nothing; those with {d} carry a number that must be ignored
DISTRACTORS = _lines("""{S} is {d} years old
    it is a sunny day
    {Q} has a dog called Rex
    the weather is bad
    {Q} is {d} years old
    {S} remembers a song from school
    later {S} meets {Q} and they talk for {d} minutes
    {S} forgot the phone at home
    nobody knows why
    the lamp in the room is blue
    {Q} owes {S} a letter
    {S} still wants to call {Q}
    the shop next door opens at {d}
    there are {d} birds on the roof
    {Q} also likes music
    the list is a mess
    everybody is a little tired
    the street has {d} houses
    {S} thinks about something else
    the radio plays {d} songs""")


def number(n: int, rng: random.Random) -> str:
    """Digits, or for numbers up to twelve sometimes the word."""
    return SMALL_NUMBERS[n] if n <= 12 and rng.random() < 0.25 else str(n)


def sentence(text: str, stop: str = ".") -> str:
    return text[0].upper() + text[1:] + stop


def pattern_count() -> int:
    """Number of different sentence patterns in this module (scenes, questions, distractors)."""
    found = set(DISTRACTORS)
    for scene in SCENES:
        found.update(scene.starts + scene.questions + scene.before)
        for event in scene.events:
            found.update(event.patterns)
    return len(found)
