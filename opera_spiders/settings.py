"""All Scrapy settings. A comment stands only where we leave Scrapy's default: ``# default X, because …``."""

from __future__ import annotations

from opera_spiders import PROJECT_PAGE, __version__

# --- identity -----------------------------------------------------------------------------------------------------

BOT_NAME = "opera_spiders"
SPIDER_MODULES = ["opera_spiders.spiders"]
NEWSPIDER_MODULE = "opera_spiders.spiders"
COMMANDS_MODULE = "opera_spiders.commands"
# default names Scrapy, not us; OPERA_CONTACT takes the page's place
USER_AGENT = f"OperaResearchBot/{__version__} (+{PROJECT_PAGE})"
# what follows from the configuration: the contact in USER_AGENT, and HTTPCACHE_DIR in OPERA_HOME
ADDONS = {"opera_spiders.addon.OperaAddon": 0}
# default USER_AGENT, because Protego would match words of a whole user agent: the bare product token
ROBOTSTXT_USER_AGENT = "OperaResearchBot"
# default sends Accept-Language: en, because the spider asks for the company's language
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

# --- politeness ---------------------------------------------------------------------------------------------------

ROBOTSTXT_OBEY = True  # default False; by our own middleware, because Scrapy's crawls on when robots.txt cannot be had
CONCURRENT_REQUESTS = 1  # default 16, because one crawl is one company; also keeps max_pages and best-first order exact
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8
DOWNLOAD_DELAY = 2.0  # default 0; seconds between two requests to a house, at least
DOWNLOAD_DELAY_JITTER = 0.0  # default 0.5, because it would go below the delay as well as above
AUTOTHROTTLE_ENABLED = True  # default False; goes above the delay for slow hosts, never below it
AUTOTHROTTLE_START_DELAY = DOWNLOAD_DELAY  # default 5
DOWNLOAD_TIMEOUT = 60  # default 180 seconds
DOWNLOAD_MAXSIZE = (
    32 * 1024 * 1024
)  # default 1 GiB, because no page or report is larger, and bombs are; after decompression
DOWNLOAD_WARNSIZE = 0  # default 32 MiB, which is refused anyway
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False, because a bad certificate is an outcome, not a page
COOKIES_ENABLED = False  # default True, because no page needs a session
HTTPPROXY_ENABLED = False  # default True, because a proxy resolves names out of the address guard's sight
METAREFRESH_MAXDELAY = 10  # default 100, because a page that reloads itself after a minute is a page
REDIRECT_MAX_TIMES = 10  # default 20
REDIRECT_PRIORITY_ADJUST = 0  # default +2
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # default ERROR, because the spider says it in its own words
DEPTH_LIMIT = 12  # default 0 (none), because calendars link to next month for ever
DEPTH_PRIORITY = 1  # default 0, because among equals the page nearer to the start page is the better one
# default takes the next request before the last answer has been read
SCHEDULER = "opera_spiders.discovery.budget.PatientScheduler"
# default Lifo, because among equals a page's own order is the best we know
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleFifoDiskQueue"
# default None (off) for none of these, because a page could make us read local files
DOWNLOAD_HANDLERS = {
    "http": "opera_spiders.politeness.handler.PoliteDownloadHandler",
    "https": "opera_spiders.politeness.handler.PoliteDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "opera_spiders.politeness.guard.GuardedResolver"  # default resolves any address

# --- cache --------------------------------------------------------------------------------------------------------

HTTPCACHE_ENABLED = True  # default False
HTTPCACHE_STORAGE = "opera_spiders.politeness.cache.DurableCacheStorage"  # default fails on an entry cut by a crash
HTTPCACHE_POLICY = "opera_spiders.politeness.cache.TtlCachePolicy"  # default never expires, and freezes robots.txt too
HTTPCACHE_GZIP = True  # default False, because pages compress tenfold

# --- components ---------------------------------------------------------------------------------------------------

TELNETCONSOLE_ENABLED = False  # default True: a console of our process on a local port
REMOTE_CONTROL_ENABLED = False  # default True: likewise
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "opera_spiders.politeness.guard.GuardMiddleware": 40,
    "opera_spiders.discovery.offsite.CompanyOffsiteMiddleware": 50,
    "opera_spiders.politeness.host_memory.HostMemoryMiddleware": 80,
    "opera_spiders.politeness.delay.HouseMiddleware": 90,
    "opera_spiders.politeness.robots.RobotsMiddleware": 100,
    "opera_spiders.politeness.rendering.RenderMiddleware": 570,
    "opera_spiders.politeness.rights.RightsMiddleware": 575,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "opera_spiders.politeness.redirects.Refreshes": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "opera_spiders.politeness.bounds.BoundsMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "opera_spiders.politeness.redirects.Redirects": 600,
    "opera_spiders.politeness.shared_freshness.SharedFreshnessMiddleware": 890,
    "opera_spiders.politeness.retry_after.RetryAfterMiddleware": 950,
    "opera_spiders.politeness.refusals.RefusalMiddleware": 960,
}
ITEM_PIPELINES = {
    "opera_spiders.pipelines.drop_seen_pages.DropSeenPages": 100,
    "opera_spiders.pipelines.stage_pages.StagePages": 200,
    "opera_spiders.pipelines.extract_pages.ExtractPages": 300,
    "opera_spiders.pipelines.store_extractions.StoreExtractions": 400,
}
EXTENSIONS = {
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "opera_spiders.extensions.database.Database": 100,
    "opera_spiders.extensions.crawl_memory.CrawlMemory": 150,
    "opera_spiders.extensions.crawl_extractor.CrawlExtractor": 200,
    "opera_spiders.discovery.source_memory.SourceMemory": 250,
    "opera_spiders.extensions.crawl_ledger.CrawlLedger": 300,
    "opera_spiders.extensions.page_feed.PageFeed": 400,
    "opera_spiders.extensions.progress.Progress": 500,
}
CONCURRENT_ITEMS = 16  # default 100, because a database connection stands behind each
LOG_FORMATTER = "opera_spiders.extensions.log_lines.LogLines"  # default prints whole items, bodies and all

# --- project ------------------------------------------------------------------------------------------------------

LOG_LEVEL = "INFO"  # default DEBUG
LOG_VERSIONS: list[str] = []  # default lists ten libraries at every start
STATS_DUMP = False  # default True, because staging.crawl_runs keeps the stats, and the last line says what matters
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # default WARNING, because a page that has not changed is the normal case
FEED_EXPORTERS = {"xml": "opera_spiders.extensions.page_feed.PageXmlExporter"}  # default writes what no parser reads
FEED_EXPORT_ENCODING = "utf-8"  # default None, which escapes every accent
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
