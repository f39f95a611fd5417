"""Texts that speak of a picture nobody sends are found, in the languages of the public banks; others are left alone."""

from __future__ import annotations

import pytest

from samp_eval.items.checks.text_faults import question_text_problems
from samp_eval.items.samp import KeyEntry, Question

OF_A_PICTURE = [
    "What does <image 1> show?",
    "The radiograph is shown in Figure 2.",
    "Identify the structure marked X in the picture.",
    "Which lesion does this photograph show?",
    "Based on the ECG shown, what is the rhythm?",
    "The patient's chest X-ray is given below.",
    "See the attached image.",
    "A photograph of the rash is provided.",
    "The CT image below shows what?",
    "Qual é o diagnóstico na figura abaixo?",
    "Was zeigt das Bild?",
    "Die Abbildung zeigt ein EKG.",
    "Siehe Abbildung 3.",
    "Quel est votre diagnostic devant ce cliché (figure 1) ?",
    "Regarding the image, what is the diagnosis?",
    "The structure labelled A in the diagram is",
    "What is the diagnosis in this image?",
    "His ECG is shown. What next?",
    "Dans la radiographie ci-dessous, quelle est l'anomalie ?",
    "La radiografía que se muestra corresponde a",
    "Pregunta vinculada a la imagen n.º 3.",
    "the instrument shown in the photograph is used for",
    "[image: ecg.png]",
    "Refer to Exhibit 1.",
    "根据图片",
    "What is the most likely finding in the video clip?",
    "図1を見て",
    "다음 그림에서",
    "The karyotype shown here is of",
    "The EKG strip below was recorded.",
    "The following pedigree is consistent with",
    "Figure A shows a biopsy.",
]
OF_NONE = [
    "An ECG shows ST elevation in leads II and III.",
    "Imaging shows a mass in the liver.",
    "A CT scan of the head is shown to be normal by the radiologist.",
    "Which of the following figures in history discovered penicillin?",
    "Her body image is distorted.",
    "His blood picture is normal.",
    "X-ray of the chest shows infiltrates.",
    "The following laboratory values are obtained: sodium 140.",
    "Laboratory studies are shown below: Na 140, K 4.0",
    "The graph theory is used for",
    "Mirror image dextrocardia is",
    "A figure of eight suture is used for",
    "A blood smear shows schistocytes.",
    "She has seen below average growth.",
    "An image-guided biopsy is planned.",
    "What is the figure for the incidence?",
    "MRI of the brain is indicated above all in",
    "Slides of the biopsy show noncaseating granulomas.",
    "Fundus examination shows papilledema.",
    "Pressures above 140 mmHg are",
    "A peripheral smear is obtained.",
    "The clinical picture is one of",
    "Le tableau clinique associe fièvre et toux.",
    "L'image radiologique typique est",
    "En la imagen radiológica típica de la neumonía se ve",
    "Das Bild der Erkrankung ist bunt.",
    "Er sieht Doppelbilder.",
    "Film star with a scan of MRI is shown to have MS",
    "In this picture of shock, what is given?",
    "心電図 12誘導では異常がない。",
    "心电图示ST段抬高。",
]


def said_of(text: str, *, alone: bool = True) -> list[str]:
    options = ("Iron", "Zinc")
    asked = Question(
        id="q", question=text, format="single", requested=1, options=options, key=(KeyEntry(answer="Iron"),)
    )
    return [problem for _, problem in question_text_problems(asked, pictured=False, alone=alone)]


@pytest.mark.parametrize("text", OF_A_PICTURE)
def test_a_picture_that_is_missing_is_found(text: str) -> None:
    assert any("refers to a picture" in problem for problem in said_of(text))


@pytest.mark.parametrize("text", OF_NONE)
def test_words_for_pictures_alone_are_no_fault(text: str) -> None:
    assert not any("refers to a picture" in problem for problem in said_of(text))


def test_one_word_asks_enough_after_a_case() -> None:
    assert said_of("Diagnosis?") == ["is one word: 'Diagnosis?'"]
    assert said_of("Diagnosis?", alone=False) == []
