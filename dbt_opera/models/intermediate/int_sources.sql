{{ config(indexes=[{'columns': ['extraction_id'], 'unique': true}]) }}

with extractions as (
    select * from {{ ref('stg_extractions') }}
),

pages as (
    select * from {{ ref('stg_pages') }}
),

domains as (
    select * from {{ ref('int_domains') }}
),

histories as (
    select
        company_domain,
        url,
        min(scraped_at) as first_scraped_at
    from pages
    group by company_domain, url
),

ranked as (
    select
        extractions.extraction_id,
        extractions.page_id,
        domains.company_id,
        extractions.company_domain,
        extractions.url,
        extractions.page_type,
        extractions.language,
        extractions.scraped_at,
        extractions.last_seen_at,
        histories.first_scraped_at,
        extractions.is_newest,
        -- The last words of replaced versions come last. Before them better readers first, then pages about one
        -- production before lists of many, then what was read last. By the day, since the order within one crawl is
        -- chance and the tables must not depend on it.
        row_number() over (
            order by
                extractions.is_newest desc,
                extractions.extractor_rank,
                array_position(
                    array['production', 'performance', 'company', 'financial', 'season', 'calendar', 'artist'],
                    extractions.page_type
                ) nulls last,
                cast(extractions.scraped_at at time zone 'UTC' as date) desc,
                extractions.company_domain collate "C",
                extractions.url collate "C",
                extractions.scraped_at desc
        ) as source_rank,
        row_number() over (
            order by
                extractions.is_newest desc,
                cast(extractions.scraped_at at time zone 'UTC' as date) desc,
                extractions.extractor_rank,
                extractions.company_domain collate "C",
                extractions.url collate "C",
                extractions.scraped_at desc
        ) as newest_rank
    from extractions
    inner join domains on extractions.company_domain = domains.company_domain
    inner join histories
        on extractions.company_domain = histories.company_domain and extractions.url = histories.url
    where extractions.is_latest
)

select * from ranked
