"""The five reports as one would count them with a pencil, from what is known of every session."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import User
from meetings.models import Session
from tests.factories import make_session

TOTAL = "/reporting/total-sessions-for-user"
BY_DAY = "/reporting/total-sessions-aggregation-for-user"
BY_TYPE = "/reporting/total-sessions-statistics-for-user"
BY_PLACE = "/reporting/total-sessions-by-location-for-user"
BY_CITY = "/reporting/total-sessions-and-participants-count-by-location-for-user"


@dataclass
class Held:
    """One session, and who came."""

    host: User
    started_at: datetime
    type: str = "meeting"
    domain: str = "example.com"
    place: tuple[str, str, str, str] = ("", "", "", "")
    people: list[str] = field(default_factory=list)
    minutes: int | None = 30

    def store(self) -> Session:
        city, region, code, country = self.place
        facts = {"type": self.type, "domain": self.domain, "city": city, "region": region}
        return make_session(
            *(self.host, self.started_at),
            people=self.people,
            minutes=self.minutes,
            country_code=code,
            country_name=country,
            **facts,
        )

    def fits(self, query: dict[str, str]) -> bool:
        city, _, code, country = self.place
        known = {
            "domain": self.domain,
            "sessionType": self.type,
            "countryCode": code,
            "countryName": country,
            "cityName": city,
            "userID": self.host.pk,
        }
        asked = {name: value for name, value in query.items() if value}
        since, until = asked.pop("startDateRange", ""), asked.pop("endDateRange", "")
        return (
            self.minutes is not None
            and all(known[name] == value for name, value in asked.items())
            and (not since or self.started_at >= datetime.fromisoformat(since))
            and (not until or self.started_at < datetime.fromisoformat(until) + timedelta(milliseconds=1))
        )


def answers(held: list[Held], query: dict[str, str]) -> dict[str, object]:
    """Give what each report says of those that fit."""
    fitting = [each for each in held if each.fits(query)]
    return {
        TOTAL: {"totalSessions": len(fitting)},
        BY_DAY: _by_day(fitting),
        BY_TYPE: {
            "totalSessions": len(fitting),
            "totalSessionsByType": [
                {"sessionType": type, "totalSessions": count}
                for type, count in _most_first(each.type for each in fitting)
            ],
        },
        BY_PLACE: [
            {"_id": {"city": city, "region": region, "country": code, "country_name": country}, "count": count}
            for (city, region, code, country), count in _most_first(each.place for each in fitting)
        ],
        BY_CITY: [
            {
                "_id": city,
                "totalSessions": count,
                "totalParticipants": len({one for each in fitting if each.place[0] == city for one in each.people}),
            }
            for city, count in _most_first(each.place[0] for each in fitting)
        ],
    }


def _by_day(fitting: list[Held]) -> list[dict]:
    days = sorted({each.started_at.date() for each in fitting})
    return [
        {
            "domainCounts": [
                {"domain": domain, "count": count}
                for domain, count in _most_first(each.domain for each in fitting if each.started_at.date() == day)
            ],
            "date": f"{day}T00:00:00.000Z",
        }
        for day in days
    ]


def _most_first(values) -> list[tuple]:
    return sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
