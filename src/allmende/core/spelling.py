"""Finding words in spite of typing errors: by what two words that differ little have in common."""


def distance(one: str, other: str, most: int) -> int:
    """How many letters have to be put in, left out, exchanged or swapped with the next one; more than most: most + 1.

    Optimal string alignment: no part is changed twice.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)


def tolerated(word: str) -> int:
    """How many errors a word of this length may have before it is another word."""
    return 0 if len(word) < 4 or not word.isalpha() else 1 if len(word) < 7 else 2


def shortened(word: str) -> set[str]:
    """The word and what is left of it without one letter. Two words one error apart have one of these in common."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def trigrams(word: str) -> set[str]:
    """Every three letters in a row, with a mark before and after the word."""
    marked = f"^{word}$"
    return {marked[place : place + 3] for place in range(len(marked) - 2)}
