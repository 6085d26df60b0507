"""How we treat the hosts we visit: robots.txt, spacing, back-off, forbidden addresses, freshness, rights, rendering.

What ``settings.py`` puts in force (the numbers are the order; process_response runs it from bottom to top)::

    DOWNLOAD_HANDLERS = {
        "http": "opera_spiders.politeness.handler.PoliteDownloadHandler",   # every request passes here, whoever made it
        "https": "opera_spiders.politeness.handler.PoliteDownloadHandler",
        "file": None, "data": None, "ftp": None, "s3": None,
    }
    TWISTED_DNS_RESOLVER = "opera_spiders.politeness.guard.GuardedResolver"
    DOWNLOADER_MIDDLEWARES = {
        "opera_spiders.politeness.guard.GuardMiddleware": 40,
        "opera_spiders.politeness.delay.HouseMiddleware": 90,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "opera_spiders.politeness.robots.RobotsMiddleware": 100,
        "opera_spiders.politeness.rendering.RenderMiddleware": 570,         # decompression is 590, retry 550
        "opera_spiders.politeness.rights.RightsMiddleware": 575,
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        "opera_spiders.politeness.redirects.Refreshes": 580,                 # in its place
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "opera_spiders.politeness.bounds.BoundsMiddleware": 590,             # in its place
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
        "opera_spiders.politeness.redirects.Redirects": 600,                 # in its place
        "opera_spiders.politeness.shared_freshness.SharedFreshnessMiddleware": 890,   # above the HTTP cache (900)
        "opera_spiders.politeness.retry_after.RetryAfterMiddleware": 950,   # below the HTTP cache
        "opera_spiders.politeness.refusals.RefusalMiddleware": 960,         # a test for bots is no page to any of them
    }
    HTTPCACHE_ENABLED = True
    HTTPCACHE_POLICY = "opera_spiders.politeness.cache.TtlCachePolicy"      # never HTTPCACHE_EXPIRATION_SECS
    HTTPPROXY_ENABLED = False                                               # a proxy resolves names, unguarded
    ROBOTSTXT_OBEY = True
    ROBOTSTXT_USER_AGENT = "OperaResearchBot"                               # the bare product token
    DOWNLOAD_DELAY = 2                                                      # the floor between two requests to a house
    DOWNLOAD_DELAY_JITTER = 0; CONCURRENT_REQUESTS_PER_DOMAIN = 1

Settings of this room, with their defaults: ``OPERA_BACKOFF_SECONDS`` 5 (first wait after a failure, doubled each
time), ``OPERA_MAX_SUSPENSION_SECONDS`` 900 (a host that asks for more is left for this crawl),
``OPERA_MAX_HOST_FAILURES`` 8 (failures in a row, then ``site_down``; refusals in a row, then ``blocked``),
``OPERA_ROBOTS_ATTEMPTS`` 3, ``OPERA_RENDER_TIMEOUT_SECONDS`` 45. From ``Config``: ``OPERA_ALLOWED_NETWORKS``,
``OPERA_PAGE_TTL_SECONDS``, ``PLAYWRIGHT_CHROMIUM_PATH``.

What the spider gives: attributes ``domain`` (host or host:port), ``domains`` (all of the company's; default:
``domain``), ``render`` (``auto``, ``never`` or ``always``; default ``auto``). Its errback sees subclasses of
``IgnoreRequest``: ``RobotsDenied``, ``RobotsUnreachable`` (``kind`` as in ``failures.FailureKind``),
``ForbiddenAddress``, ``HostLeft``, ``Challenged``, ``RedirectRefused``.
An ``https`` start page may fail with ``RobotsUnreachable.kind`` ``refused`` or ``not_tls``: then, and only then, try
``http``; it ends nothing.

What it reads: ``crawler.get_downloader_middleware(RobotsMiddleware).sitemaps(url)``; ``response.meta["opera_rights"]``
(a dict with ``decision`` and ``reason``; content is not kept where ``decision`` is ``reserved``);
``response.meta.get("opera_rendered", False)``.

How it ends: each outcome that is the host's side is a stat ``opera/outcome/<outcome>`` whose value says which host and
why; when it concerns the house itself (a start request, or ``spider.domain``) the spider is closed with the outcome as
its reason, except ``robots_denied``, which lets the other start pages finish.
"""
