#!/usr/bin/env python3
"""browser.py URL: a person at a browser, for the tests: signs in, consents, comes back to the waiting port.

SIM_USER, SIM_PASSWORD, USER_CODE: what is typed; ANSWER: the button on the consent page (accept, or cancel); CACERT: who is
trusted; PAGE: where the last page is kept.
"""
import html.parser
import http.cookiejar
import os
import ssl
import sys
import urllib.parse
import urllib.request


class Form(html.parser.HTMLParser):
    """The first form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.inside = None, {}, False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and self.action is None:
            self.action, self.inside = attrs.get("action", ""), True
        elif self.inside and tag == "input" and attrs.get("name"):
            self.fields[attrs["name"]] = attrs.get("value", "")
        elif self.inside and tag == "button" and attrs.get("name"):
            self.fields.setdefault("buttons", []).append((attrs["name"], attrs.get("value", "")))

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False


def fill(form):
    buttons = form.fields.pop("buttons", [])
    for name, value in (("login", "SIM_USER"), ("passwd", "SIM_PASSWORD"), ("password", "SIM_PASSWORD"), ("user_code", "USER_CODE")):
        if name in form.fields and not (name == "user_code" and form.fields[name]):
            form.fields[name] = os.environ[value]
    for name, value in buttons:
        if value in ("sign-in", os.environ.get("ANSWER", "accept")):
            form.fields[name] = value
    return urllib.parse.urlencode(form.fields).encode()


def main():
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=os.environ["CACERT"]))
    opener = urllib.request.build_opener(cookies, tls, urllib.request.ProxyHandler({}))
    url, data = sys.argv[1], None
    for _ in range(8):
        with opener.open(url, data, timeout=20) as answer:
            page, url = answer.read().decode(), answer.geturl()
        form = Form(page)
        if form.action is None or url.startswith("http://localhost:"):
            break
        url, data = urllib.parse.urljoin(url, form.action), fill(form)
    with open(os.environ["PAGE"], "w", encoding="utf-8") as f:
        f.write(page)


if __name__ == "__main__":
    main()
