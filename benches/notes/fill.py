"""Fills the placeholders of a note: `{name}`, `{dob:us}`, `{2.phone:dots}`, `{date:iso+14}`.

It knows how people write names, dates, phones and numbers, spoken and badly scanned ones too. The same placeholder is
the same value throughout a text, in whatever form; `2.` to `9.` are other persons. It does not know what the text says:
pronouns come from `{he}`, `{his}` and `{him}` or agree by a case's `sex`, and what asks for an age has `born`. What
follows another brace or a dollar sign (`{{name}}`, `${name}`) is text and stays.
"""

import datetime
import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "made_up"))
from values import Row  # noqa: E402

PLACEHOLDER = re.compile(r"(?<![{$])\{(?:([2-9])\.)?([a-z][a-z0-9_]*)(?::([^{}\s]*))?\}")
DATES = {
    "iso": "%Y-%m-%d", "us": "%m/%d/%Y", "usdash": "%m-%d-%Y", "compact": "%Y%m%d", "dmon": "%d-%b-%Y",
    "eu": "%d.%m.%Y", "dmy": "%d/%m/%Y", "year": "%Y", "day": "%A", "md": "%m/%d", "url": "%m%%2F%d%%2F%Y",
}
MONTHS = "January February March April May June July August September October November December".split()
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
            "twelve": "twelfth"}
# What other names stand for in values.py; the part after the colon is the form, or belongs to the value.
PLAIN = {
    "mrn": "digits:7", "account": "digits:9", "claim": "digits:11", "accession": "digits:8", "plan_id": "member",
    "policy": "digits:10", "rx": "digits:7",
}
VALUED = {"digits", "code", "padded", "pick", "int", "float", "words"}
PRONOUNS = {
    "he": ("she", "he"), "his": ("her", "his"), "him": ("her", "him"), "man": ("woman", "man"),
    "child": ("daughter", "son"), "title": ("Mrs.", "Mr."), "male": ("female", "male"), "boy": ("girl", "boy"),
}


def spoken(number):
    """A number below 100 in words."""
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (" " + ONES[number % 10] if number % 10 else "")


def said(day):
    """A day as it is dictated: march fourth nineteen fifty six."""
    *start, last = spoken(day.day).split()
    ordinal = ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    if day.year >= 2000:
        year = "two thousand" + (f" {spoken(day.year - 2000)}" if day.year > 2000 else "")
    else:
        year = "nineteen " + (("oh " if day.year % 100 < 10 else "") + spoken(day.year % 100))
    return f"{MONTHS[day.month - 1].lower()} {' '.join([*start, ordinal])} {year}"


def date(day, form):
    if form == "long":
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
    if form == "short":
        return f"{day.month}/{day.day}/{day:%y}"
    if form == "usplain":
        return f"{day.month}/{day.day}/{day.year}"
    if form == "brief":
        return f"{day.month}/{day.day}"
    if form == "text":
        return f"{MONTHS[day.month - 1][:3]} {day.day} {day.year}"
    if form == "spoken":
        return said(day)
    return day.strftime(DATES[form])


class Note:
    """The persons of one text, and what was said of them."""

    def __init__(self, case):
        self.case = case
        self.persons = {}
        self.kept = {}

    def person(self, number):
        if number not in self.persons:
            sex = self.case.get("sex", "")[number - 1:number].strip("-") or None
            self.persons[number] = Row(self.case["id"], number, seed="notes", sex=sex)
            if number == 1 and "born" in self.case:
                self.persons[number].birth = self.persons[number].day(*self.case["born"])
        return self.persons[number]

    def value(self, number, name, argument="", alias=""):
        """What `values.py` makes, from a seed of its own: an edit elsewhere in the text changes nothing here."""
        key = f"{number}.{alias or name}:{argument}"
        if key not in self.kept:
            row = self.person(number)
            row.random = random.Random(f"notes/{self.case['id']}/{key}")
            self.kept[key] = str(row.make(f"{name}:{argument}" if argument else name))
        return self.kept[key]

    def scanned(self, text):
        """As a bad scan has it: torn apart."""
        chance = random.Random(f"notes/{self.case['id']}/{text}")
        return "".join(c + (" " if c != " " and chance.random() < 0.28 else "") for c in text).strip()

    def fill(self, number, name, form):
        if form == "ocr":
            return self.scanned(self.fill(number, name, "us" if name in ("dob", "date") else ""))
        if form == "url" and name not in ("dob", "date"):
            return self.fill(number, name, "").replace(" ", "%20")
        row = self.person(number)
        if name == "dob":
            return date(row.birth, form or "us")
        if name == "date":
            form, sign, days = re.fullmatch(r"(\w*)([+-]?)(\d*)", form).groups()
            return date(row.visit + datetime.timedelta(days=int(sign + (days or "0"))), form or "us")
        if name == "name" and form:
            return self.value(number, f"name_{form}")
        if name in PRONOUNS:
            text = PRONOUNS[name][row.sex == "M"]
            return text.capitalize() if form == "cap" else text.upper() if form == "upper" else text
        if name in ("phone", "mbi") and form:
            return self.phone(number, form) if name == "phone" else self.value(number, f"mbi_{form}")
        if name == "ssn" and form:
            text = self.value(number, "ssn")
            return {"plain": text.replace("-", ""), "spaces": text.replace("-", " "), "last4": text[-4:]}[form]
        if name == "ssn4":
            return self.value(number, "ssn")[-4:]
        if name == "work_email":
            host = self.value(number, "host")
            return f"{row.given}.{row.family}@{host}".lower().replace("'", "")
        if name in VALUED:
            return self.value(number, name, form)
        base, _, argument = PLAIN.get(name, name).partition(":")
        text = self.value(number, base, argument, name)
        change = {
            "": str, "upper": str.upper, "lower": str.lower, "initial": lambda text: text[0],
            "spoken": lambda text: " ".join(ONES[int(c)] for c in text if c.isdigit()),
        }
        return change[form](text)

    def phone(self, number, form):
        area, exchange, line = re.findall(r"\d+", self.value(number, "phone"))
        if form == "spoken":
            return " ".join(ONES[int(c)] for c in area + exchange + line)
        return {
            "dash": f"{area}-{exchange}-{line}", "dots": f"{area}.{exchange}.{line}", "plain": area + exchange + line,
            "plus": f"+1{area}{exchange}{line}", "local": f"{exchange}-{line}", "slash": f"{area}/{exchange}-{line}",
        }[form]


def fill(case):
    """The case's text with its values; as it stands where the case says so."""
    if case.get("as_is"):
        return case["text"]
    note = Note(case)

    def one(match):
        number, name, form = match.groups()
        try:
            return note.fill(int(number or 1), name, form or "")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            sys.exit(f"{case['id']}: {match[0]} cannot be filled: {error!r}")

    return PLACEHOLDER.sub(one, case["text"])
