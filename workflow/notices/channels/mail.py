"""E-mail through a server that is spoken to with STARTTLS (or TLS from the start), certificates checked.

`Message-ID` comes from the message's id, so a repetition can be told. A message that some recipients refuse counts as delivered:
whoever is left has it, and trying again would give it to them twice.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from storage.outbound import Destination
from workflow.notices.channels.posting import TIMEOUT_S
from workflow.notices.errors import DeliveryFailed
from workflow.notices.model import MailTarget, MailTls
from workflow.notices.texts import HONG_KONG, text_of

if TYPE_CHECKING:
    from workflow.notices.channels.port import Outgoing

PURPOSE: Final = "notice.mail"


def mail_of(message: Outgoing, target: MailTarget) -> EmailMessage:
    """The mail that tells of a message."""
    text = text_of(message.tellings, message.link)
    mail = EmailMessage()
    mail["Subject"] = f"[Chopbook] {text.title}"
    mail["From"] = target.sender
    mail["To"] = ", ".join(target.recipients)
    mail["Date"] = format_datetime(message.now.astimezone(HONG_KONG))
    mail["Message-ID"] = f"<{message.id}@{message.origin.partition('/')[0]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.plain, cte="base64")
    return mail


class MailServer:
    """Delivers through one server."""

    def __init__(
        self, target: MailTarget, *, timeout_s: float = TIMEOUT_S, trust: ssl.SSLContext | None = None
    ) -> None:
        """`trust` decides which certificates are believed; by default those the machine believes."""
        self._target: Final = target
        self._timeout_s: Final = timeout_s
        self._trust: Final = trust
        self.destination: Final = Destination(target.host, target.port, PURPOSE)

    def deliver(self, message: Outgoing) -> None:
        """As `Deliverer.deliver`."""
        mail = mail_of(message, self._target)
        try:
            with self._connect() as server:
                if self._target.username:
                    server.login(self._target.username, self._target.password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise DeliveryFailed(f"smtp_{max(codes, default=550)}", retry=all(code < 500 for code in codes)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryFailed("smtp_no_tls_or_login", retry=False) from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"smtp_{error.smtp_code}", retry=error.smtp_code < 500) from error
        except ssl.SSLError as error:
            raise DeliveryFailed("tls_not_trusted", retry=True) from error
        except TimeoutError as error:
            raise DeliveryFailed("timeout", retry=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed("unreachable", retry=True) from error

    def _connect(self) -> smtplib.SMTP:
        target = self._target
        if target.tls is MailTls.NONE:
            return smtplib.SMTP(target.host, target.port, timeout=self._timeout_s)
        trust = self._trust or ssl.create_default_context()
        if target.tls is MailTls.IMPLICIT:
            return smtplib.SMTP_SSL(target.host, target.port, timeout=self._timeout_s, context=trust)
        server = smtplib.SMTP(target.host, target.port, timeout=self._timeout_s)
        try:
            # Refused or not offered: an error, never a message in clear.
            server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
        return server
