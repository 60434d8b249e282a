"""The exam's plan: domains with weights, form length, time limit and cut score."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Domain:
    """One section of the exam, weighted in percent."""

    id: str
    name: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A form has `questions` items over `domains`, `minutes` to sit it, and passes at `pass_percent`."""

    questions: int
    minutes: int
    pass_percent: int
    domains: tuple[Domain, ...]

    def domain(self, domain_id: str) -> Domain:
        """The domain with this id; KeyError if there is none."""
        for domain in self.domains:
            if domain.id == domain_id:
                return domain
        raise KeyError(domain_id)

    def quotas(self, count: int) -> Mapping[str, int]:
        """How many of `count` items each domain gets: largest remainder, so that they add up exactly.

        Equal remainders go to the heavier domain, then to the earlier one.
        https://en.wikipedia.org/wiki/Quota_method (Hare quota)
        """
        total = sum(domain.weight for domain in self.domains)
        # Whole seats, and what remains of each domain's share in parts of `total`.
        shares = [divmod(count * domain.weight, total) for domain in self.domains]
        seats = [whole for whole, _ in shares]
        order = sorted(range(len(shares)), key=lambda i: (-shares[i][1], -self.domains[i].weight, i))
        for i in order[: count - sum(seats)]:
            seats[i] += 1
        return {domain.id: seats[i] for i, domain in enumerate(self.domains)}
