with domains as (
    select * from {{ ref('int_domains') }}
),

pages as (
    select * from {{ ref('stg_pages') }}
),

answers as (
    select
        page_id,
        confidence_score
    from {{ ref('stg_readings') }}
    where is_best
),

crawl_runs as (
    select * from {{ ref('stg_crawl_runs') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

-- The newest version of each page.
versions as (
    select
        domains.company_id,
        pages.page_id,
        pages.scraped_at,
        pages.last_seen_at,
        row_number() over (
            partition by pages.company_domain, pages.url
            order by pages.scraped_at desc, pages.checksum collate "C", pages.page_id
        ) = 1 as is_newest
    from pages
    inner join domains on pages.company_domain = domains.company_domain
),

read as (
    select
        versions.company_id,
        count(*) as page_versions_count,
        count(*) filter (where versions.is_newest) as pages_count,
        count(answers.page_id) filter (where versions.is_newest) as pages_read_count,
        round(avg(answers.confidence_score) filter (where versions.is_newest), 2) as avg_confidence_score,
        max(versions.scraped_at) as last_changed_at,
        max(versions.last_seen_at) as last_seen_at
    from versions
    left join answers on versions.page_id = answers.page_id
    group by versions.company_id
),

last_runs as (
    select distinct on (domains.company_id)
        domains.company_id,
        crawl_runs.started_at as last_crawl_at,
        crawl_runs.outcome as last_crawl_outcome
    from crawl_runs
    inner join domains on crawl_runs.company_domain = domains.company_domain
    order by domains.company_id, crawl_runs.started_at desc, crawl_runs.crawl_run_id
),

covered as (
    select
        read.company_id,
        read.pages_count,
        read.page_versions_count,
        read.pages_read_count,
        read.avg_confidence_score,
        read.last_changed_at,
        read.last_seen_at,
        clock.today - {{ day_of('read.last_seen_at') }} as stale_days,
        last_runs.last_crawl_at,
        last_runs.last_crawl_outcome
    from read
    left join last_runs on read.company_id = last_runs.company_id
    cross join clock
)

select * from covered
