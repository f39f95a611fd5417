"""An example case to start a bank of one's own from."""

from __future__ import annotations

from samp_eval.items.samp import KeyEntry, NotAccepted, Question, SampCase, Source, VitalSigns

__all__ = ["example_case"]


def example_case() -> SampCase:
    """Make a short case that shows every field; its user writes over it."""
    return SampCase(
        id="example-sore-throat",
        topic="Sore throat",
        setting="Office",
        stem=(
            "Replace this text by your own case of 50 to 150 words. A nine-year-old girl is brought to your office "
            "by her father because of a sore throat and fever for two days. She has no cough, runny nose or "
            "hoarseness, and drinks well. She takes no drugs, has no allergies, and her immunizations are complete. "
            "A classmate was treated for a throat infection last week. Her tonsils are red and swollen with exudate."
        ),
        vitals=VitalSigns(temperature="38.6 °C (oral)", pulse="104/min", weight="30 kg"),
        questions=(
            Question(
                id="example-sore-throat-1",
                question="What further findings on examination would make a streptococcal infection more likely?",
                requested=2,
                key=(
                    KeyEntry(answer="Tender anterior cervical nodes", alternatives=("Tender anterior neck nodes",)),
                    KeyEntry(answer="Palatal petechiae", alternatives=("Petechiae on the palate",)),
                    KeyEntry(answer="Scarlatiniform rash", alternatives=("Sandpaper rash", "Scarlet fever rash")),
                ),
                not_accepted=(NotAccepted(answer="Red throat", alternatives=("Exudate",), reason="Already known."),),
                rationale="Two sentences say why the key is right. This is the second.",
                source=Source(title="Name of the guideline", body="Who published it", year=2024),
            ),
            Question(
                id="example-sore-throat-2",
                update="A rapid antigen test is positive.",
                question="Which drug is the first choice?",
                format="single",
                requested=1,
                options=("Azithromycin", "Ceftriaxone", "Ciprofloxacin", "Doxycycline", "Penicillin V"),
                key=(KeyEntry(answer="Penicillin V"),),
            ),
        ),
    )
