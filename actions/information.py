"""Answers from the knowledge base."""

from __future__ import annotations

from actions.choices import AGENT, ask_for_more, keep_other_needs
from actions.turn import Turn, action


@action("action_answer")
async def answer(turn: Turn) -> None:
    """The article of the topic that fits the question best; within a form the form goes on by itself, so no more help is offered."""
    keep_other_needs(turn)
    tell(turn, turn.topic, turn.needs[0]["text"] if turn.needs else turn.text)


def tell(turn: Turn, topic: str, question: str) -> None:
    """Say the article of `topic` that answers `question` best, and ask for more."""
    turn.unit.topic = topic
    turn.unit.mark("kebutuhan")
    found = turn.unit.library.knowledge.answer(topic, question)
    if found is None:
        turn.say(
            f"Mohon maaf, kami belum memiliki informasi tersebut. Bapak/Ibu dapat menanyakannya kepada petugas kami, "
            f"atau ke call center {turn.client.brand.call_centre}.",
            [AGENT],
        )
        return
    turn.say(found.article.answer.strip())
    turn.unit.mark("solusi")
    ask_for_more(turn)


def say_product(turn: Turn) -> None:
    """The customer is interested in the product that was offered."""
    product = turn.client.product_by_id.get(turn.slot("cross_sold") or "")
    own = [a for a in turn.client.articles if product and (product.id in a.id or a.cross_sell == product.id)]
    if own:
        turn.say(own[0].answer.strip())
    else:
        turn.say("Informasi lengkapnya dapat Bapak/Ibu peroleh di outlet terdekat atau melalui petugas kami.", [AGENT])
    ask_for_more(turn)
