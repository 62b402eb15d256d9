"""What is wrong between the parts of a client's data: names that do not exist, ids that stand twice. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.client import Client


def faults_of(client: Client) -> list[str]:
    """A sentence for each fault: which file, what, why."""
    faults = [
        f"client.yml: intent {intent}: topic {topic} does not exist"
        for intent, topic in client.intents.items()
        if topic not in client.topics
    ]
    faults += [
        f"client.yml: brand.quick: intent {quick.intent} does not exist"
        for quick in client.brand.quick
        if quick.intent not in client.topics and quick.intent not in client.intents
    ]
    for kind, ids in (("outlet", [o.id for o in client.outlets]), ("product", [p.id for p in client.products])):
        faults += [f"{kind}s.yml: {kind} {one}: the id stands twice" for one in sorted({i for i in ids if ids.count(i) > 1})]
    for product in client.products:
        faults += [f"products.yml: product {product.id}: topic {t} does not exist" for t in product.after_topics if t not in client.topics]
    seen: set[str] = set()
    for article in client.articles:
        if article.topic not in client.topics:
            faults.append(f"knowledge/{article.topic}.yml: article {article.id}: topic {article.topic} does not exist")
        if article.id in seen:
            faults.append(f"knowledge/{article.topic}.yml: article {article.id}: the id stands twice")
        if article.cross_sell and article.cross_sell not in client.product_by_id:
            faults.append(f"knowledge/{article.topic}.yml: article {article.id}: product {article.cross_sell} does not exist")
        seen.add(article.id)
    for topic in {article.topic for article in client.articles}:
        defaults = sum(article.default for article in client.articles if article.topic == topic)
        if defaults != 1:
            faults.append(f"knowledge/{topic}.yml: {defaults} default articles instead of one")
    if len(client.survey.scale) != 5:
        faults.append("client.yml: survey.scale: five steps are needed")
    return faults + _desk_faults(client) + _ticket_faults(client)


def _desk_faults(client: Client) -> list[str]:
    """What the desk's files name that does not exist."""
    aux = set(client.handoff.aux_reasons)
    faults = [
        f"floor.yml: presence.aux_limit_minutes: {one} is no AUX reason" for one in set(client.floor.presence.aux_limit_minutes) - aux
    ]
    if client.floor.routing.missed_reason not in aux:
        faults.append(f"floor.yml: routing.missed_reason: {client.floor.routing.missed_reason} is no AUX reason")
    steps = {step.id for step in client.steps}
    for name, guide in client.procedures.guides.items():
        for each in guide.steps:
            if each.step not in steps:
                faults.append(f"procedure.yml: guides.{name}: step {each.step} does not exist")
            if each.level is not None and each.level > len(client.procedures.verification.levels):
                faults.append(f"procedure.yml: guides.{name}: step {each.step}: level {each.level} does not exist")
            unknown = set(each.required) - set(client.handoff.outcomes)
            faults += [f"procedure.yml: guides.{name}: step {each.step}: outcome {one} does not exist" for one in sorted(unknown)]
    if "nonvoice" not in client.procedures.guides:
        faults.append("procedure.yml: guides: nonvoice is missing")
    for name, contact in client.procedures.contacts.items():
        if contact.guide not in client.procedures.guides:
            faults.append(f"procedure.yml: contacts.{name}: guide {contact.guide} does not exist")
    for number, level in enumerate(client.procedures.verification.levels, 1):
        unknown = set(level.of) - set(client.procedures.verification.fields)
        faults += [f"procedure.yml: verification: level {number}: field {one} does not exist" for one in sorted(unknown)]
        if level.count > len(level.of):
            faults.append(f"procedure.yml: verification: level {number}: needs {level.count} of {len(level.of)} fields")
    faults += [f"procedure.yml: sub_topics: topic {one} does not exist" for one in client.procedures.sub_topics if one not in client.topics]
    shortcuts = [reply.shortcut for reply in client.replies]
    faults += [f"replies.yml: reply {one}: the shortcut stands twice" for one in sorted({s for s in shortcuts if shortcuts.count(s) > 1})]
    for reply in client.replies:
        if reply.language not in client.floor.languages:
            faults.append(f"replies.yml: reply {reply.shortcut}: language {reply.language} does not exist")
        faults += [f"replies.yml: reply {reply.shortcut}: topic {one} does not exist" for one in reply.topics if one not in client.topics]
    for template in client.templates:
        named = set(re.findall(r"\{(\w+)\}", template.text))
        if named != set(template.places):
            faults.append(f"templates.yml: template {template.id}: the places of its text are {', '.join(sorted(named)) or 'none'}")
    ids = [template.id for template in client.templates]
    faults += [f"templates.yml: template {one}: the id stands twice" for one in sorted({i for i in ids if ids.count(i) > 1})]
    return faults


def _ticket_faults(client: Client) -> list[str]:
    """What tickets.yml names that does not exist."""
    rules, faults = client.ticketing, []
    missing = [team for team in client.floor.teams if team not in rules.units]
    faults += [f"tickets.yml: units: team {one} of floor.yml is missing" for one in missing]
    for name, unit in rules.units.items():
        if unit.tier != 3 and name not in client.floor.teams:
            faults.append(f"tickets.yml: units: {name} is of tier {unit.tier} and no team of floor.yml")
        if not any(unit.hours.values()):
            faults.append(f"tickets.yml: units.{name}.hours: there are none, its clock would never run")
        if "default" not in unit.limit:
            faults.append(f"tickets.yml: units.{name}.limit: default is missing")
        wrong = set(unit.limit) - {"default"} - set(client.tickets.priorities)
        faults += [f"tickets.yml: units.{name}.limit: priority {one} does not exist" for one in sorted(wrong)]
    for name, kind in rules.kinds.items():
        if kind.start not in rules.units:
            faults.append(f"tickets.yml: kinds.{name}: unit {kind.start} does not exist")
        if kind.topic and kind.topic not in client.topics:
            faults.append(f"tickets.yml: kinds.{name}: topic {kind.topic} does not exist")
        if kind.form and kind.form not in rules.forms:
            faults.append(f"tickets.yml: kinds.{name}: form {kind.form} does not exist")
    faults += [f"tickets.yml: kind_of_topic: topic {one} does not exist" for one in rules.kind_of_topic if one not in client.topics]
    faults += [f"tickets.yml: kind_of_topic: kind {one} does not exist" for one in rules.kind_of_topic.values() if one not in rules.kinds]
    faults += [f"tickets.yml: kinds: {one} is missing" for one in ("complaint", "request", "break_in", "outlet") if one not in rules.kinds]
    products = set(client.tickets.products)
    faults += [f"tickets.yml: catalogue: product {one} is not one of client.yml" for one in sorted(set(rules.catalogue) - products)]
    faults += [f"tickets.yml: catalogue: product {one} of client.yml is missing" for one in sorted(products - set(rules.catalogue))]
    faults += [f"tickets.yml: sla.overall: topic {one} does not exist" for one in set(rules.sla.overall) - {"default"} - set(client.topics)]
    faults += [
        f"tickets.yml: sla.around_the_clock: {one} has no limit" for one in rules.sla.around_the_clock if one not in rules.sla.overall
    ]
    if "default" not in rules.sla.overall:
        faults.append("tickets.yml: sla.overall: default is missing")
    for place, named in (("hours_of", [rules.sla.hours_of]), ("escalate_after", rules.sla.escalate_after.values())):
        faults += [f"tickets.yml: sla.{place}: unit {one} does not exist" for one in named if one not in rules.units]
    faults += [
        f"tickets.yml: sla.paused_in: status {one} does not exist" for one in rules.sla.paused_in if one not in client.tickets.statuses
    ]
    templates = {template.id for template in client.templates}
    for name, notice in rules.notices.items():
        if notice.template not in templates:
            faults.append(f"tickets.yml: notices.{name}: template {notice.template} does not exist")
    wrong = set(rules.break_in.required) - set(rules.break_in.evidence)
    faults += [f"tickets.yml: break_in.required: {one} is no evidence" for one in sorted(wrong)]
    faults += [f"tickets.yml: break_in.divisions: unit {one} does not exist" for one in rules.break_in.divisions if one not in rules.units]
    return faults
