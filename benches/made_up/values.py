"""Makes the values of the header cases and of the notes, seeded: the same text at every run.

It knows US names, dates, phones, numbers, clinical words and ordinary ones, each row about one made-up person whose
name, birth and e-mail agree with each other. It does not know real people, real plans' numbers, or how a scanner looks
at any of them. Social Security numbers, phones and NPIs are of the valid form, and never the published samples.
"""

import datetime
import hashlib
import random
import string
import uuid

import words
from words import DIAGNOSES, DRUGS, FAMILY, GIVEN_F, GIVEN_M, LABS, LISTS, MAIL, PLACES, STUDIES


def luhn(digits):
    """The check digit that the Luhn sum asks for after these digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


class Row:
    """One row: a person, a second one, a place, a diagnosis and so on, and the values made of them."""

    def __init__(self, case, number, women=False, seed="headers", sex=None):
        self.number = number
        self.days = 0
        self.random = r = random.Random(f"{seed}/{case}/{number}")
        self.sex = sex or ("F" if women else r.choice("FM"))
        self.given = r.choice(GIVEN_F if self.sex == "F" else GIVEN_M)
        self.family = r.choice(FAMILY)
        self.middle = r.choice(string.ascii_uppercase[:23])
        self.other_given = r.choice(GIVEN_F + GIVEN_M)
        self.other_family = r.choice(FAMILY)
        self.birth = self.day(1936, 2004)
        self.place = r.choice(PLACES)
        self.code, self.diagnosis = r.choice(DIAGNOSES)
        self.drug, self.dose = r.choice(DRUGS)
        self.lab = r.choice(LABS)
        self.study = r.choice(STUDIES)
        self.visit = self.day(2022, 2024)

    def day(self, first, last):
        start = datetime.date(first, 1, 1).toordinal()
        return datetime.date.fromordinal(self.random.randint(start, datetime.date(last, 12, 28).toordinal()))

    def later(self):
        """A day a little after the row's last one: admitted before discharged."""
        self.days += self.random.randint(0, 9)
        return self.visit + datetime.timedelta(days=self.days)

    def digits(self, count, first="123456789"):
        return self.random.choice(first) + "".join(self.random.choice(string.digits) for _ in range(count - 1))

    def make(self, spec):
        """The value for `name`, `name:argument`, either with `?` at its end where some are left empty."""
        if spec.endswith("?"):
            spec = spec[:-1]
            if self.random.random() < 0.25:
                return None
        name, _, argument = spec.partition(":")
        if name in LISTS:
            return self.random.choice(LISTS[name])
        if name.startswith(("birth_", "child_birth_", "date_", "future_")):
            return self.date(name)
        return getattr(self, "v_" + name)(*([argument] if argument else []))

    def date(self, name):
        what, _, form = name.rpartition("_")
        if what == "birth":
            day = self.birth
        elif what == "child_birth":
            day = self.day(2008, 2021)
        elif what == "future":
            day = self.day(2025, 2026)
        else:
            day = self.later()
        forms = {
            "iso": "%Y-%m-%d", "us": "%m/%d/%Y", "usdash": "%m-%d-%Y", "compact": "%Y%m%d",
            "dmon": "%d-%b-%Y", "eu": "%d.%m.%Y", "ts": "%Y-%m-%d 00:00:00",
            "text": "%B %d, %Y", "z": "%Y-%m-%dT00:00:00Z", "sas": "%d%b%Y",
        }
        if form == "short":
            return f"{day.month}/{day.day}/{day:%y}"
        if form == "usplain":
            return f"{day.month}/{day.day}/{day.year}"
        if form == "year":
            return day.year
        if form == "month":
            return f"{day:%Y-%m}"
        text = day.strftime(forms[form])
        return text.upper() if form in ("dmon", "sas") else text

    # Names.
    def v_given(self): return self.given
    def v_given_upper(self): return self.given.upper()
    def v_family(self): return self.family
    def v_family_upper(self): return self.family.upper()
    def v_middle(self): return self.middle
    def v_suffix(self): return self.random.choice(words.SUFFIX)
    def v_name(self): return f"{self.given} {self.family}"
    def v_name_upper(self): return f"{self.given} {self.family}".upper()
    def v_name_lower(self): return f"{self.given} {self.family}".lower()
    def v_name_fml(self): return f"{self.given} {self.middle}. {self.family}"
    def v_name_lf(self): return f"{self.family}, {self.given}"
    def v_name_lf_upper(self): return f"{self.family}, {self.given}".upper()
    def v_name_lf_tight(self): return f"{self.family},{self.given}".upper()
    def v_name_lfm(self): return f"{self.family}, {self.given} {self.middle}"
    def v_name_lfm_upper(self): return f"{self.family}, {self.given} {self.middle}".upper()
    def v_name_dicom(self): return f"{self.family}^{self.given}^{self.middle}".upper()
    def v_name_fi(self): return f"{self.given} {self.family[0]}."
    def v_name_if(self): return f"{self.given[0]}. {self.family}"
    def v_name_title(self): return ("Mrs. " if self.sex == "F" else "Mr. ") + f"{self.given} {self.family}"
    def v_name_under(self): return f"{self.given}_{self.family}".lower()
    def v_initials(self): return self.given[0] + self.family[0]
    def v_other(self): return f"{self.other_given} {self.other_family}"
    def v_other_lf(self): return f"{self.other_family}, {self.other_given}"
    def v_other_lf_upper(self): return self.v_other_lf().upper()
    def v_other_given(self): return self.other_given
    def v_other_family(self): return self.other_family
    def v_kin(self): return f"{self.other_given} {self.family}"
    def v_doctor(self): return f"Dr. {self.other_family}"
    def v_doctor_md(self): return f"{self.other_given} {self.other_family}, MD"
    def v_doctor_lf(self): return f"{self.other_family}, {self.other_given} MD".upper()
    def v_login(self): return (self.given[0] + self.family).lower().replace("'", "") + str(self.random.randint(1, 99))
    def v_pet(self): return self.random.choice("Rex Bella Max Luna Charlie Daisy Rocky Molly Buddy Coco".split())

    # Ways to reach someone.
    def exchange(self):
        while True:
            text = self.digits(3, "23456789")
            if text != "555" and text[1:] != "11":
                return text

    def parts(self): return self.place[4], self.exchange(), self.digits(4, string.digits)
    def v_phone(self): return "({}) {}-{}".format(*self.parts())
    def v_phone_dash(self): return "-".join(self.parts())
    def v_phone_dots(self): return ".".join(self.parts())
    def v_phone_plain(self): return "".join(self.parts())
    def v_phone_plus(self): return "+1" + "".join(self.parts())

    def v_email(self):
        given, family = self.given.lower(), self.family.lower().replace("'", "")
        forms = [f"{given}.{family}", f"{given}{family}", f"{given[0]}{family}", f"{family}.{given}"]
        ends = ["", self.random.randint(1, 99), self.birth.year % 100]
        return f"{self.random.choice(forms)}{self.random.choice(ends)}@{self.random.choice(MAIL)}"

    def v_address(self):
        end = self.random.choice(["", "", "", f" Apt {self.random.randint(1, 40)}"])
        street = f"{self.random.choice(words.STREETS)} {self.random.choice(words.STREET_KINDS)}"
        return f"{self.random.randint(11, 9899)} {street}{end}"

    def v_address_full(self): return f"{self.v_address()}, {self.v_city()}, {self.v_state()} {self.v_zip()}"
    def v_city(self): return self.place[0]
    def v_state(self): return self.place[1]
    def v_county(self): return self.place[3]
    def v_zip(self): return self.place[2] + self.digits(2, string.digits)
    def v_zip9(self): return f"{self.v_zip()}-{self.digits(4)}"
    def v_zip3(self): return self.place[2]
    def v_url(self): return f"https://www.{self.v_host()}/{self.make('word')}/{self.random.randint(10, 9999)}"
    def v_host(self): return f"{self.make('word')}{self.make('word')}.{self.random.choice(['com', 'net', 'org'])}"
    def v_ip(self): return ".".join(str(self.random.randint(1, 250)) for _ in range(4))
    def v_mac(self): return ":".join(f"{self.random.randint(0, 255):02x}" for _ in range(6))

    # Numbers of people, plans and visits.
    def v_digits(self, count): return self.digits(int(count))
    def v_padded(self, count): return self.digits(int(count) - 2).rjust(int(count), "0")
    def v_code(self, prefix): return prefix + self.digits(7)

    def v_ssn(self):
        while True:
            area = self.random.choice([n for n in range(1, 900) if n != 666])
            text = f"{area:03}-{self.random.randint(1, 99):02}-{self.random.randint(1, 9999):04}"
            if text not in words.SAMPLE_SSNS:
                return text

    def v_ssn_plain(self): return self.v_ssn().replace("-", "")
    def v_ssn4(self): return self.v_ssn()[-4:]

    def v_mbi(self):
        pick = self.random.choice
        forms = {"C": "123456789", "A": words.MBI_ALPHA, "N": string.digits, "X": words.MBI_ALPHA + string.digits}
        return "".join(pick(forms[kind]) for kind in "CAXNAXNAANN")

    def v_mbi_dashed(self): text = self.v_mbi(); return f"{text[:4]}-{text[4:7]}-{text[7:]}"
    def v_member(self): return self.random.choice(["W", "ZGP", "YPP", "XEA", "U"]) + self.digits(9)

    def v_npi(self):
        body = self.random.choice("12") + self.digits(8, string.digits)
        return body + luhn("80840" + body)

    def v_ndc(self): return f"{self.digits(5)}-{self.digits(4)}-{self.digits(2, string.digits)}"
    def v_uid(self): return f"1.2.840.{self.digits(6)}.{self.digits(3)}.{self.digits(14)}.{self.digits(4)}"
    def v_uuid(self): return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
    def v_sha(self): return hashlib.sha1(self.random.randbytes(16)).hexdigest()
    def v_hash(self): return hashlib.sha256(self.random.randbytes(16)).hexdigest()
    def v_vin(self): return "1" + "".join(self.random.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(16))
    def v_plate(self): return "".join(self.random.choice(string.ascii_uppercase) for _ in range(3)) + self.digits(4)
    def v_isbn(self): return "978" + self.digits(10)

    # Clinical values.
    def v_dx(self): return self.diagnosis
    def v_icd(self): return self.code
    def v_icd_plain(self): return self.code.replace(".", "")
    def v_icd_dx(self): return f"{self.code} {self.diagnosis}"
    def v_snomed(self): return self.random.choice(words.SNOMED)
    def v_drug(self): return self.drug
    def v_dose(self): return self.dose
    def v_drug_dose(self): return f"{self.drug} {self.dose}"
    def v_sig(self): return self.v_pick("1 tab PO daily|1 tab PO BID|take 1 at bedtime|2 puffs q4h prn")
    def v_lab(self): return self.lab[0]
    def v_loinc(self): return self.lab[1]
    def v_lab_value(self): return round(self.random.uniform(self.lab[2], self.lab[3]), 1)
    def v_lab_unit(self): return self.lab[4]
    def v_modality(self): return self.study[0]
    def v_study(self): return self.study[1]
    def v_cpt(self): return self.random.choice(["99213", "99214", "99203", "99396", "90837", "36415", self.study[2]])
    def v_cdt(self): return self.random.choice(words.CDT)
    def v_bp(self): return f"{self.random.randint(98, 178)}/{self.random.randint(58, 104)}"
    def v_sphere(self): return self.random.choice("+-") + f"{self.random.randint(0, 24) / 4:.2f}"
    def v_room(self): return f"{self.random.randint(1, 6)}{self.random.randint(1, 40):02}{self.random.choice('AB')}"
    def v_age(self): return 2024 - self.birth.year
    def v_age_y(self): return f"{2024 - self.birth.year:03}Y"
    def v_sex(self): return self.sex
    def v_sex_word(self): return "Female" if self.sex == "F" else "Male"

    # Plain values.
    def v_seq(self, start="1"): return int(start) + self.number
    def v_int(self, bounds="1-1000"): low, high = bounds.split("-"); return self.random.randint(int(low), int(high))

    def v_float(self, bounds="0-1"):
        low, high = bounds.split("-")
        return round(self.random.uniform(float(low), float(high)), 3)

    def v_price(self): return f"{self.random.uniform(4, 900):.2f}"
    def v_dollars(self): return f"${self.random.uniform(20, 4000):,.2f}"
    def v_bool(self): return self.random.random() < 0.5
    def v_bit(self): return self.random.randint(0, 1)
    def v_pick(self, choices): return self.random.choice(choices.split("|"))
    def v_each(self, choices): options = choices.split("|"); return options[self.number % len(options)]
    def v_words(self, count="6"): return " ".join(self.make("word") for _ in range(int(count)))
    def v_time(self): return f"{self.random.randint(7, 17):02}:{self.random.choice(['00', '15', '30', '45'])}"
    def v_time12(self): return f"{self.random.randint(8, 11)}:{self.random.choice(['00', '20', '40'])} AM"
    def v_stamp(self): return f"{self.later()} {self.v_time()}:{self.random.randint(0, 59):02}"
    def v_stamp_z(self): return f"{self.later()}T{self.v_time()}:{self.random.randint(0, 59):02}Z"
    def v_stamp_us(self): return f"{self.later():%m/%d/%Y} {self.v_time()}"
    def v_stamp_compact(self): return f"{self.visit:%Y%m%d}{self.v_time().replace(':', '')}00"
    def v_epoch(self): return 1640995200 + self.random.randint(0, 90000000)
    def v_fixed(self, text): return text
    def v_empty(self): return None
