"""Who works at the demo's venues and who buys their tickets. All of them are invented."""

from __future__ import annotations

import unicodedata
from random import Random
from uuid import NAMESPACE_URL, uuid5

from argon2 import PasswordHasher

from boxoffice.domain.ids import StaffId
from boxoffice.domain.staff import Role, StaffMember

_STAFF = (
    ("Petra Lindqvist", Role.CASHIER, "2580"),
    ("Samir Haddad", Role.CASHIER, "3691"),
    ("Ewa Kowalczyk", Role.CASHIER, "4714"),
    ("Joost van der Velde", Role.CASHIER, "5825"),
    ("Nadia Benali", Role.DOOR, "1212"),
    ("Kwame Asante", Role.DOOR, "3434"),
    ("Ingrid Falkenberg", Role.MANAGER, "7007"),
    ("Dario Conti", Role.ADMIN, "9119"),
)
STEWARDS = ("Nadia Benali", "Kwame Asante", "Ewa Kowalczyk")
"""Who scans at the gates."""

_GIVEN_AND_FAMILY = (
    (
        "Anke Bernd Carla Dieter Friederike Gesa Hanno Ilse Jutta Karsten Lotte Malte Nele Ole Philipp Rieke Sönke "
        "Theresa Ulrich Wiebke",
        "Ahlers Brinkmann Carstens Dierks Ebeling Förster Grote Hinrichs Jürgens Kühne Lührs Möller Niehaus Petersen "
        "Quast Röpke Schütte Thießen Uhlenbrock Wessels",
    ),
    ("Aylin Burak Cem Defne Emre Filiz Gül Hakan Selin Tarık", "Aksoy Bulut Çelik Demirci Erdoğan Güneş Kılıç Şahin"),
    (
        "Agnieszka Bartosz Danuta Grzegorz Halina Kasia Łukasz Małgorzata Tomasz Zofia",
        "Dąbrowska Jaworski Krawczyk Mazur Ostrowski Pawlak Sikora Wójcik Zając",
    ),
    ("Amal Bilal Dalia Farid Hala Karim Layla Nour Rami Yasmin", "Aboud Darwish Hamdan Khoury Mansour Nasser Saleh"),
    ("Chiara Elena Federico Giulia Lorenzo Marta Nicolò Paola", "Bellini Caruso Ferrara Galli Moretti Ricci Santoro"),
    ("Aurélie Benoît Céline Étienne Margaux Océane Rémi Thibault", "Arnaud Chevalier Dufour Lefèvre Marchand Roussel"),
    ("Álvaro Beatriz Inés Joaquín Lucía Mateo Núria Rocío", "Castaño Domínguez Echeverría Ibáñez Muñoz Peña Zúñiga"),
    ("Astrid Bjørn Eirik Frøya Gustav Ingeborg Sigrid Åse", "Bakke Dahlström Haugen Lindahl Nygård Solberg Østby"),
    ("Andriy Bohdana Iryna Mykola Oksana Taras Yuliia", "Bondarenko Hrytsenko Kravchuk Lysenko Tkachenko"),
    ("Anh Bảo Hương Linh Minh Ngọc Thảo Tuấn", "Đặng Hoàng Lê Nguyễn Phạm Trần Vũ"),
    ("Aditi Arjun Deepa Ishaan Kavya Meera Rohan Sunita", "Bhattacharya Iyer Kulkarni Nair Rao Subramanian"),
    ("Abena Chidi Folake Ifeoma Kofi Nneka Tunde Zanele", "Adeyemi Boateng Dlamini Eze Mensah Ndiaye Okonkwo"),
    ("Alice Callum Fiona Gareth Harriet Imogen Rhys Siobhán", "Ashworth Blackwood Fairclough Hughes O’Rourke Pike"),
)
_AS_THEY_WRITE_IT = (
    "山田 花子", "鈴木 一郎", "李 娜", "王 伟", "김 민준", "박 서연", "Олена Шевчук", "Дмитро Коваль", "Мария Петрова",
    "Ελένη Παπαδάκη", "Γιώργος Νικολαΐδης", "ليلى حداد", "يوسف منصور", "נועה לוי", "สมชาย ใจดี", "नेहा शर्मा",
)  # fmt: skip
_LONG = (
    "Dr. Maximiliane Freifrau von Hohenfels-Ostermann",
    "Friedrich-Wilhelm Schulze-Niedermeyer",
    "María del Carmen Fernández de la Vega y Olmedo",
    "Venkatanarasimharajuvaripeta Subrahmanyam",
    "Annemarie van den Bosch-Timmermans",
    "Theater-AG, Gesamtschule am Alten Hafen",
    "Freundeskreis der Lindmoorer Bühnen e. V.",
)
_DOMAINS = ("example.org", "example.com", "example.net")


def staff() -> tuple[StaffMember, ...]:
    """With the PIN beside its hash: the sign-in screen of the demo shows it."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    return tuple(
        StaffMember(
            id=StaffId(uuid5(NAMESPACE_URL, f"boxoffice-demo/staff/{name}")),
            name=name,
            role=role,
            pin_hash=hasher.hash(pin),
            demo_pin=pin,
        )
        for name, role, pin in _STAFF
    )


class Customers:
    """Names as a box office has them: from everywhere, some very long, some in their own script."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._pools = [(given.split(), family.split()) for given, family in _GIVEN_AND_FAMILY]
        self._weights = [6] + [1] * (len(self._pools) - 1)

    def name(self) -> str:
        kind = self._random.random()
        if kind < 0.03:
            return self._random.choice(_AS_THEY_WRITE_IT)
        if kind < 0.045:
            return self._random.choice(_LONG)
        given, family = self._random.choices(self._pools, self._weights)[0]
        return f"{self._random.choice(given)} {self._random.choice(family)}"

    def email(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
        words = ["".join(c for c in word if c.isalnum()) for word in plain.split()]
        local = ".".join(word for word in words if word)[:40] or f"guest{self._random.randrange(1000, 10_000)}"
        return f"{local}@{self._random.choice(_DOMAINS)}"
