"""Mails as servers write them when a message did not arrive; `@ID@` and `@TO@` stand for its id and its address."""

from __future__ import annotations

POSTFIX = """\
Return-Path: <>
Date: Sat, 14 Nov 2026 12:00:05 +0000 (UTC)
From: MAILER-DAEMON@mx.royal.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: tickets@royal.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9A1C2.1794657605/mx.royal.example"
Message-Id: <20261114120005.BEEF@mx.royal.example>

This is a MIME-encapsulated message.

--9A1C2.1794657605/mx.royal.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<@TO@>: host mx.example.org[192.0.2.7] said: 550 5.1.1 <@TO@>: Recipient address rejected:
    User unknown in virtual mailbox table (in reply to RCPT TO command)

--9A1C2.1794657605/mx.royal.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.royal.example
X-Postfix-Queue-ID: 9A1C2
X-Postfix-Sender: rfc822; tickets@royal.example
Arrival-Date: Sat, 14 Nov 2026 12:00:04 +0000 (UTC)

Final-Recipient: rfc822; @TO@
Original-Recipient: rfc822;@TO@
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <@TO@>: Recipient address rejected: User
    unknown in virtual mailbox table

--9A1C2.1794657605/mx.royal.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <tickets@royal.example>
From: Royal <tickets@royal.example>
To: @TO@
Subject: Your tickets
Message-ID: <@ID@@royal.example>

--9A1C2.1794657605/mx.royal.example--
"""

EXIM = """\
Return-path: <>
Received: from Debian-exim by mail.royal.example with local (Exim 4.96) id 1r2aBc-000123-0x;
\tSat, 14 Nov 2026 12:00:06 +0000
X-Failed-Recipients: @TO@
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.royal.example>
To: tickets@royal.example
References: <@ID@@royal.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=1794657606-eximdsn-1804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1r2aBc-000123-0x@mail.royal.example>

--1794657606-eximdsn-1804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

  @TO@
    host mx.example.org [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<@TO@>:
    550 unrouteable address

--1794657606-eximdsn-1804289383
Content-type: message/delivery-status

Reporting-MTA: dns; mail.royal.example

Action: failed
Final-Recipient: rfc822;@TO@
Status: 5.0.0
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 unrouteable address

--1794657606-eximdsn-1804289383
Content-type: message/rfc822

Return-path: <tickets@royal.example>
Date: Sat, 14 Nov 2026 12:00:04 +0000
From: Royal <tickets@royal.example>
To: @TO@
Subject: Your tickets
Message-ID: <@ID@@royal.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

Here they are.

--1794657606-eximdsn-1804289383--
"""

EXCHANGE = """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>
To: <tickets@royal.example>
Date: Sat, 14 Nov 2026 12:00:07 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="5bf04ad5-4d27-4b67-8bb1-0e91fcdfd9b5"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-US
Message-ID: <8f0c5c3b-3ac1@AM0PR01MB0001.eurprd01.prod.exchangelabs.com>
In-Reply-To: <@ID@@royal.example>
References: <@ID@@royal.example>
Subject: Undeliverable: Your tickets
Auto-Submitted: auto-replied
MIME-Version: 1.0

--5bf04ad5-4d27-4b67-8bb1-0e91fcdfd9b5
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="71b2c8a5-6a4c-4ba0-9c9f-6a1f0f8f5d1e"

--71b2c8a5-6a4c-4ba0-9c9f-6a1f0f8f5d1e
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Delivery has failed to these recipients or groups:

@TO@
The email address you entered couldn't be found.

--71b2c8a5-6a4c-4ba0-9c9f-6a1f0f8f5d1e--

--5bf04ad5-4d27-4b67-8bb1-0e91fcdfd9b5
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;mail.royal.example
Arrival-Date: Sat, 14 Nov 2026 12:00:05 +0000

Original-Recipient: rfc822;@TO@
Final-Recipient: rfc822;@TO@
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient @TO@ not found by SMTP address lookup

--5bf04ad5-4d27-4b67-8bb1-0e91fcdfd9b5--
"""

GMAIL = """\
Return-Path: <>
Received: by 2002:a05:6402:1001:b0:5c0 with SMTP id 4fb4d7f45d1cf; Sat, 14 Nov 2026 04:00:08 -0800 (PST)
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: tickets@royal.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <@ID@@royal.example>
In-Reply-To: <@ID@@royal.example>
X-Failed-Recipients: @TO@
Message-ID: <6735f0a8.050a0220.1a2b3c.0001.GMR@mx.google.com>
Date: Sat, 14 Nov 2026 04:00:08 -0800 (PST)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="00000000000012345606270abcde"; report-type=delivery-status

--00000000000012345606270abcde
Content-Type: multipart/related; boundary="00000000000012345606270abcdf"

--00000000000012345606270abcdf
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--00000000000012345606270abcdf--
--00000000000012345606270abcde
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Sat, 14 Nov 2026 04:00:06 -0800 (PST)
X-Original-Message-ID: <@ID@@royal.example>

Final-Recipient: rfc822; @TO@
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (2a00:1450:400c:c00::1a, the server for the domain gmail.com.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
 550-5.1.1 double-checking the recipient's email address for typos or
 550 5.1.1 unnecessary spaces. gsmtp
Last-Attempt-Date: Sat, 14 Nov 2026 04:00:08 -0800 (PST)

--00000000000012345606270abcde
Content-Type: message/rfc822

From: Royal <tickets@royal.example>
To: @TO@
Message-ID: <@ID@@royal.example>
Subject: Your tickets

Here they are.

--00000000000012345606270abcde--
"""

DELAYED = (
    POSTFIX.replace("Undelivered Mail Returned to Sender", "Delayed Mail (still being retried)")
    .replace("Action: failed", "Action: delayed")
    .replace("Status: 5.1.1", "Status: 4.4.1")
    .replace("smtp; 550 5.1.1 <@TO@>: Recipient address rejected: User", "smtp; 451 4.4.1 no answer: Connection")
)
DELIVERED = POSTFIX.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.0.0")
SPAM = POSTFIX.replace("550 5.1.1", "554 5.7.1").replace("Status: 5.1.1", "Status: 5.7.1")
FULL = POSTFIX.replace("550 5.1.1", "552 5.2.2").replace("Status: 5.1.1", "Status: 5.2.2")
NO_SUCH_DOMAIN = (
    POSTFIX.replace("Status: 5.1.1", "Status: 5.4.4")
    .replace("Remote-MTA: dns; mx.example.org\n", "")
    .replace("smtp; 550 5.1.1", "X-Postfix; Host or domain name not found.")
)
EXPIRED = POSTFIX.replace("Status: 5.1.1", "Status: 4.4.7").replace("550 5.1.1", "421 4.4.1")
AUTO_REPLY = """\
From: @TO@
To: tickets@royal.example
Subject: Out of office: Your tickets
In-Reply-To: <@ID@@royal.example>
References: <@ID@@royal.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

I am away until Monday. Action: failed, Status: 5.1.1
"""
READ_RECEIPT = (
    POSTFIX.replace("report-type=delivery-status", "report-type=disposition-notification")
    .replace("message/delivery-status", "message/disposition-notification")
)  # fmt: skip
OF_ANOTHER_ADDRESS = (
    POSTFIX.replace("Final-Recipient: rfc822; @TO@", "Final-Recipient: rfc822; bea@example.org")
    .replace("Original-Recipient: rfc822;@TO@", "Original-Recipient: rfc822;bea@example.org")
)  # fmt: skip
FORWARDED = POSTFIX.replace("Final-Recipient: rfc822; @TO@", "Final-Recipient: rfc822; ada@elsewhere.example")
INVENTED = POSTFIX.replace("@ID@", "019a0000-0000-7000-8000-000000000001")
WITHOUT_ID = POSTFIX.replace("Message-ID: <@ID@@royal.example>\n", "")
OF_AN_EARLIER_SENDING = POSTFIX.replace("@ID@@", "@ID@.3@")
CUT_OFF = POSTFIX[: POSTFIX.index("Final-Recipient")]
