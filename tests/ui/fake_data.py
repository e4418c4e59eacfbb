"""People, chats and one message of every kind, for the fake server."""

from __future__ import annotations

import fake_gallery

from jackfield.channel import Text
from jackfield.wire import views

MINUTE = 60_000
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 420">'
    b'<rect width="640" height="420" fill="#7fa7c9"/><circle cx="480" cy="110" r="60" fill="#f7d774"/>'
    b'<path d="M0 420 220 180 360 330 460 240 640 420z" fill="#3f6b4d"/></svg>'
)

NAMES = (
    "Мария Соколова",
    "Ivan Petrov",
    "Кофейня «Зерно»",
    "Amélie Laurent",
    "Дмитрий Орлов",
    "Sofia Marino",
    "Ольга Ким",
    "James Cooper",
    "Алексей Волков",
    "Léa Dubois",
    "Наталья Белова",
    "Omar Haddad",
)
WORDS = (
    "Добрый день! Заказ уже отправили?",
    "Thanks, that works for me *very* well",
    "А можно доставку на _пятницу_?",
    "Could you send the invoice again? https://shop.example/orders/4821.",
    "Спасибо!",
    "Is it still available in size M?",
    "Хочу вернуть товар, он не подошёл по размеру. Как это сделать?",
)
ANSWERS = (
    "Здравствуйте! Да, курьер приедет завтра с 10 до 14.",
    "Of course. Here it is:\n- invoice 4821\n- receipt",
    "Конечно, запишу вас на пятницу.",
    "You are welcome!",
)


def workspaces() -> list[views.WorkspaceView]:
    return [
        views.WorkspaceView(id="w_1", name="Северный свет", color="#7648c2", role="owner"),
        views.WorkspaceView(id="w_2", name="Acme Coffee", color="#b4402f", role="operator"),
    ]


def channels() -> list[views.ChannelView]:
    return [
        views.ChannelView(
            id="ch_1",
            ws="w_1",
            rev=1,
            kind="whatsapp_api",
            name="WhatsApp +7 999 123-45-67",
            state="connected",
            abilities=("blocks", "catalogue", "templates"),
        ),
        views.ChannelView(
            id="ch_2",
            ws="w_2",
            rev=1,
            kind="whatsapp_api",
            name="WhatsApp +44 20 7946 0958",
            state="connected",
        ),
    ]


def labels() -> list[views.LabelView]:
    return [
        views.LabelView(id="l_1", ws="w_1", rev=1, name="Доставка", color="#2f7d32"),
        views.LabelView(id="l_2", ws="w_1", rev=1, name="Возврат", color="#b5307a"),
        views.LabelView(id="l_3", ws="w_2", rev=1, name="Wholesale", color="#1d6fc0"),
    ]


def operators() -> list[views.OperatorView]:
    return [
        views.OperatorView(id="o_1", name="Анна", role="owner"),
        views.OperatorView(id="o_2", name="Oleg", role="operator"),
    ]


def conversations(now: int) -> tuple[dict[str, views.ConversationView], dict[str, list[views.MessageView]]]:
    """Two hundred chats; the first has a long history, the second one message of every kind."""
    rows: dict[str, views.ConversationView] = {}
    threads: dict[str, list[views.MessageView]] = {}
    for n in range(200):
        conv = f"c_{n}"
        ws = "w_1" if n % 3 else "w_2"
        at = now - n * 37 * MINUTE
        name = NAMES[n % len(NAMES)] + (f" {n // len(NAMES) + 1}" if n >= len(NAMES) else "")
        thread = fake_gallery.thread(conv, at) if n == 1 else _talk(conv, ws, name, at, 500 if n == 0 else 8)
        last = thread[-1]
        unread = 3 if n == 0 else (n % 4 if n < 9 else 0)
        rows[conv] = views.ConversationView(
            id=conv,
            ws="w_1" if n == 1 else ws,
            rev=1,
            channel="ch_1" if ws == "w_1" or n == 1 else "ch_2",
            name=name,
            contact=f"p_{n}",
            peer=f"+7 999 {n:03d}-45-67",
            group=n == 7,
            assignee=("o_1", "o_2", None)[n % 3],
            labels=(("l_1",), ("l_1", "l_2"), ())[n % 3] if ws == "w_1" else (),
            unread=unread,
            last=views.LastMessage(
                id=last.id,
                dir=last.dir,
                kind=last.kind,
                text=last.text,
                at=last.at,
                st=last.st,
                by=last.author.name if last.dir != "in" else "",
            ),
            last_at=last.at,
            last_pos=last.pos,
            read_pos=last.pos - unread,
            windowed=True,
            window_until=now + (n * 47 % 1440 + 20) * MINUTE,
            drafts=(views.DraftMark(operator="o_2", at=now),) if n == 5 else (),
            failed=n == 6,
        )
        threads[conv] = thread
    return rows, threads


def _talk(conv: str, ws: str, name: str, end: int, length: int) -> list[views.MessageView]:
    contact = views.Author(kind="contact", id=f"p_{conv}", name=name)
    anna = views.Author(kind="operator", id="o_1", name="Анна")
    found: list[views.MessageView] = []
    for n in range(length):
        ours = n % 5 in (2, 3)
        words = ANSWERS if ours else WORDS
        found.append(
            fake_gallery.message(
                conv,
                ws,
                pos=n + 1,
                at=end - (length - 1 - n) * 23 * MINUTE,
                part=Text(body=words[(n * 3 + len(conv)) % len(words)]),
                direction="out" if ours else "in",
                author=anna if ours else contact,
                st="read" if ours else "received",
            )
        )
    return found
