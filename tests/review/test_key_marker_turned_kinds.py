"""Kinds of turns that two unseen sets and the ninth set of turned lines showed, with right lines beside them."""

from __future__ import annotations

import pytest
from marked_line import mark_line

from samp_eval.items.samp import KeyEntry, Question


def question(asked: str, *answers: str) -> Question:
    return Question(id="q", question=asked, requested=1, key=tuple(KeyEntry(answer=answer) for answer in answers))


CARE = question(
    "What would you do for her? Be specific.",
    "Mammogram",
    "Copper intrauterine device",
    "Check glucose before driving",
    "Number of a shelter",
    "Relaxation exercises",
    "Letter to her school",
    "Inhaled corticosteroid",
    "Long-term omeprazole",
)
ADVICE = question(
    "What would you advise him to do? Be specific.",
    "Potassium intake",
    "Stress management",
    "Smoking cessation",
    "Avoid bed rest",
    "Reduce oxygen",
    "Acetaminophen",
    "Educate family",
    "Replace naproxen with celecoxib",
    "Return for symptoms of PID",
    "Heat",
)
RISKS = question("Which risk factors would you ask about?", "Plan", "Alcohol use", "History of cancer")
TESTS = question("Which laboratory tests would you order?", "Serum calcium", "Albumin level", "Vitamin D")
DRUGS = question("Which drugs would you give now?", "Glucagon", "Enalapril")
STOP = question("Which drugs should he stop while he is ill?", "Ramipril", "Chlorthalidone", "Metformin")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        # put off
        (CARE, "Mammogram four years from now"),
        (CARE, "Mammogram six months from today"),
        (CARE, "Copper IUD at her next period"),
        (CARE, "Insert the copper IUD at the next visit"),
        (CARE, "Mammogram after her next birthday"),
        # afterwards, where the key has before
        (CARE, "Check glucose after driving"),
        (CARE, "Check glucose at the end of driving"),
        (CARE, "Check glucose afterwards, when driving is done"),
        (CARE, "Glucose check following driving"),
        (CARE, "Test glucose after the driving"),
        # stopped too late
        (STOP, "Stop ramipril when he is well again"),
        (STOP, "Hold metformin once he has recovered"),
        (STOP, "Metformin, after he gets better"),
        (STOP, "Hold chlorthalidone after the illness"),
        (STOP, "Stop ramipril once the vomiting resolves"),
        # given to another
        (CARE, "Give the shelter number to her husband"),
        (CARE, "Hand the number of a shelter to his cousin"),
        (CARE, "Send the shelter number to the landlord"),
        (CARE, "Teach relaxation exercises to a neighbour"),
        (CARE, "Text the shelter number to the boyfriend"),
        # for another's own sake
        (CARE, "Daughter does relaxation exercises for her own stress"),
        (CARE, "Son does relaxation exercises to calm himself, on himself"),
        (CARE, "Husband does relaxation exercises for himself"),
        (CARE, "Mother books a mammogram for herself"),
        (CARE, "Sister gets a mammogram for her own peace of mind"),
        # without asking
        (CARE, "Letter to her school without asking her"),
        (CARE, "Letter to her school without her permission"),
        (CARE, "Copper IUD without telling her"),
        (CARE, "Letter to her school behind her back"),
        (CARE, "Copper IUD inserted without explaining it"),
        (CARE, "Mammogram is to be avoided"),
        # by another route, for a time only, on something that has to happen first
        (CARE, "Corticosteroid by nasal spray"),
        (CARE, "Corticosteroid ointment"),
        (CARE, "Omeprazole until Sunday"),
        (CARE, "Omeprazole for ten days"),
        (CARE, "Relaxation exercises after the wedding"),
        # praised, where the question asks what to stop
        (STOP, "Ramipril is the one to prefer"),
        (STOP, "Metformin is the best of them"),
        (STOP, "Chlorthalidone is perfectly fine"),
        (STOP, "Metformin would be my first choice"),
        (STOP, "Ramipril remains the recommended one"),
    ],
)
def test_a_turn_of_these_kinds_earns_nothing(asked: Question, text: str) -> None:
    assert mark_line(asked, text).entry == "0"


@pytest.mark.parametrize(
    ("asked", "text", "letter"),
    [
        (CARE, "Mammogram now", "A"),
        (CARE, "Copper IUD without delay", "B"),
        (CARE, "Check glucose before driving", "C"),
        (CARE, "Glucose check prior to driving", "C"),
        (CARE, "Give her the shelter number", "D"),
        (CARE, "Give the shelter phone number to her", "D"),
        (CARE, "Relaxation exercises for his own stress", "E"),
        (STOP, "Ramipril is to be stopped", "A"),
        (STOP, "Stop chlorthalidone until he is well again", "B"),
        (STOP, "Ditch the metformin", "C"),
    ],
)
def test_right_lines_beside_them_are_credited(asked: Question, text: str, letter: str) -> None:
    assert mark_line(asked, text).entry == letter


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        # the one telling word for another purpose
        (ADVICE, "Serum potassium"),
        (ADVICE, "Stress test"),
        (ADVICE, "Treat PID"),
        (RISKS, "Treatment plan"),
        (RISKS, "Blood alcohol"),
        (TESTS, "Calcium intake"),
        (TESTS, "Albumin supplement"),
        (TESTS, "Vitamin D tablets"),
        (DRUGS, "Glucagon level"),
        (DRUGS, "Enalapril in double dose"),
        (ADVICE, "Stress management until tomorrow"),
        (ADVICE, "Smoking cessation after the divorce"),
        # the weak words of a wording that has one word more
        (ADVICE, "Family history of allergy"),
        # somebody else's
        (ADVICE, "His family should stop smoking"),
        (RISKS, "Cancer in his family"),
        # the other way round, or more than asked
        (ADVICE, "Bed rest rather than moving about"),
        (ADVICE, "Cut off the oxygen"),
        (ADVICE, "Replace acetaminophen with ibuprofen"),
        (ADVICE, "Replace celecoxib with naproxen"),
        (ADVICE, "Heat makes it worse"),
    ],
)
def test_one_telling_word_for_another_purpose_earns_nothing(asked: Question, text: str) -> None:
    assert mark_line(asked, text).entry == "0"


@pytest.mark.parametrize(
    ("asked", "text", "letter"),
    [
        (ADVICE, "Dietary potassium", "A"),
        (ADVICE, "Manage his stress", "B"),
        (ADVICE, "Quit smoking", "C"),
        (ADVICE, "Bed rest not recommended", "D"),
        (ADVICE, "Lower the oxygen", "E"),
        (ADVICE, "Acetaminophen 500 mg", "F"),
        (ADVICE, "Teach the family", "G"),
        (ADVICE, "Naproxen replaced with celecoxib", "H"),
        (ADVICE, "Return for PID symptoms", "I"),
        (ADVICE, "Heat pack", "J"),
        (RISKS, "Does she have a plan", "A"),
        (RISKS, "Has he been treated for cancer", "C"),
        (TESTS, "Calcium", "A"),
        (TESTS, "Serum vitamin D", "C"),
        (DRUGS, "Glucagon by injection", "A"),
        (TESTS, "Blood albumin", "B"),
    ],
)
def test_the_same_word_for_the_same_purpose_is_credited(asked: Question, text: str, letter: str) -> None:
    assert mark_line(asked, text).entry == letter


PLACE = question("Which disc or root is affected?", "L5", "Left C6", "T10")
HAZARDS = question("Which hazards would you look for?", "Rugs", "Stairs", "Leaking tap", "Loose cables")
BIRTH = question(
    "What features of the pregnancy would raise the risk?",
    "Fever in labour",
    "Maternal fever",
    "Prolonged rupture of membranes",
    "Multiple partners",
    "Several falls",
)
POSITION = question("What immediate steps would help now?", "Legs raised", "Oxygen")
AVOID = question("Which drugs would you avoid?", "Fluoxetine", "Paroxetine", "Codeine")
SPIROMETRY = question("Which tests would confirm it?", "FEV1", "Peak flow")
NUMBER = Question(
    id="q",
    question="How many must be treated?",
    requested=1,
    key=(KeyEntry(answer="50", alternatives=("50 people for five years", "One event avoided per 50 treated")),),
)
BEFORE = question("What should you assess before you increase her treatment?", "Inhaler technique", "Adherence")
TALK = question(
    "What would you discuss with her?",
    "Her preferences",
    "What happened to brother",
    "Her cardiovascular risk",
)
SAFE = question("Which benzodiazepines would be safe choices for him?", "Temazepam", "Lorazepam")
DELAY = question("What would you advise her?", "Pregnancy test if no period", "Remove the nail", "Copper device")
TODAY = question("Which of her drugs would you stop today?", "Dimenhydrinate", "Oxybutynin")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        # beside it
        (PLACE, "The root one level below L5"),
        (PLACE, "The disc above L5"),
        (PLACE, "One root under T10"),
        (PLACE, "Adjacent to T10"),
        # a clause that denies, or that says the other direction
        (HAZARDS, "Rugs that do not slide"),
        (HAZARDS, "Rugs which never slip"),
        (HAZARDS, "Rugs that cannot move"),
        (SPIROMETRY, "FEV1 that falls after salbutamol"),
        (SPIROMETRY, "Peak flow which drops after an inhaler"),
        (SPIROMETRY, "FEV1 that worsens after salbutamol"),
        # before it, at another age, after what it should come before
        (BIRTH, "Maternal fever the year before the pregnancy"),
        (BIRTH, "Maternal fever before conception"),
        (BIRTH, "Maternal fever two years before the birth"),
        (BIRTH, "Maternal fever the winter before"),
        (TALK, "Her cardiovascular risk at age 40"),
        (TALK, "Her cardiovascular risk aged 35"),
        (BEFORE, "Inhaler technique, after the dose has been doubled"),
        (BEFORE, "Adherence after the increase"),
        (BEFORE, "Adherence, once treatment is increased"),
        # not yet, or once well
        (TODAY, "Dimenhydrinate, but not before next month"),
        (TODAY, "Oxybutynin, not before Friday"),
        (TODAY, "Oxybutynin, two weeks after she has recovered"),
        (SAFE, "Temazepam when his liver has recovered"),
        (SAFE, "Lorazepam once he has improved"),
        (SAFE, "Lorazepam, three days after he has got better"),
        (DELAY, "Pregnancy test if she has had no period for a year"),
        (DELAY, "Pregnancy test if no period for eight months"),
        # one in place of several
        (BIRTH, "Only one partner"),
        (BIRTH, "A single partner"),
        (BIRTH, "Just one fall"),
        # something else is raised, or counted, or taken out
        (POSITION, "Head raised and legs down"),
        (POSITION, "Arms up and feet down"),
        (POSITION, "Raise the head, legs lowered"),
        (NUMBER, "One serious harm for every 50 treated"),
        (NUMBER, "50 treated for one bleed"),
        (NUMBER, "NNH 50"),
        (NUMBER, "50 for one year of treatment"),
        (NUMBER, "50 people over two years"),
        (DELAY, "Take the copper device out"),
        (DELAY, "Pull her copper device out"),
        (DELAY, "Throw the copper device away"),
        # no reason to avoid it
        (AVOID, "No reason to avoid fluoxetine"),
        (AVOID, "There is no need to stop paroxetine"),
        (AVOID, "Not necessary to withhold codeine"),
        (AVOID, "Nothing against it, so never any cause to avoid codeine"),
        (AVOID, "More codeine"),
        (AVOID, "Extra paroxetine"),
        # taken back at the end, or not yet
        (DELAY, "Removing her nail is out of the question"),
        (DELAY, "Removing her nail would be a mistake"),
        (DELAY, "Remove the nail never"),
        (DELAY, "Removal of the nail as a last resort"),
        (DELAY, "Removal of the nail has no place"),
        (DELAY, "Remove the nail, after three weeks of waiting"),
        (BIRTH, "Prolonged rupture of membranes ruled out"),
        (BIRTH, "Prolonged rupture of the membranes is unlikely"),
        (BIRTH, "Maternal fever that does not occur"),
        (BIRTH, "Maternal fever in the next pregnancy"),
        # what another wants, or has for herself
        (DELAY, "Copper device for the nurse herself"),
        (SAFE, "Lorazepam for the doctor himself"),
        (TALK, "Her cardiovascular risk at the age of 40"),
        (TALK, "What her brother would have preferred"),
        (TALK, "What her brother wants"),
        (TALK, "What her husband thinks of her preferences"),
    ],
)
def test_a_turn_of_the_ninth_set_earns_nothing(asked: Question, text: str) -> None:
    assert mark_line(asked, text).entry == "0"


@pytest.mark.parametrize(
    ("asked", "text", "letter"),
    [
        (PLACE, "The L5 root", "A"),
        (PLACE, "T10, below the chest", "C"),
        (HAZARDS, "Rugs that slide", "A"),
        (SPIROMETRY, "FEV1 that rises", "A"),
        (BIRTH, "Maternal fever before the birth", "B"),
        (BIRTH, "Multiple partners", "D"),
        (TALK, "Her cardiovascular risk", "C"),
        (BEFORE, "Inhaler technique before the dose is doubled", "A"),
        (TODAY, "Dimenhydrinate before tonight", "A"),
        (SAFE, "Temazepam, as his liver has not recovered", "A"),
        (DELAY, "Pregnancy test if no period for three weeks", "A"),
        (POSITION, "Legs raised and head down", "A"),
        (POSITION, "Put his feet up", "A"),
        (NUMBER, "50 patients treated to avoid one event", "A"),
        (NUMBER, "50 over five years", "A"),
        (DELAY, "Put the copper device in", "C"),
        (AVOID, "No fluoxetine", "A"),
        (AVOID, "Avoid codeine", "C"),
        (TALK, "Her preferences", "A"),
        (TALK, "What happened to her brother", "B"),
    ],
)
def test_right_lines_beside_those_of_the_ninth_set_are_credited(asked: Question, text: str, letter: str) -> None:
    assert mark_line(asked, text).entry == letter
