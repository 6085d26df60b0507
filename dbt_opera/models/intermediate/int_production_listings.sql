with productions as (
    select * from {{ ref('stg_page_productions') }}
),

evenings as (
    select * from {{ ref('int_evening_listings') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

links as (
    select distinct
        mention_id,
        production_id
    from {{ ref('int_mention_productions') }}
),

by_evenings as (
    select distinct
        extraction_id,
        production_pointer as pointer,
        production_id
    from evenings
),

known as (
    select
        productions.company_domain,
        productions.url,
        productions.scraped_at,
        productions.title_key,
        links.production_id
    from mentions
    inner join links on mentions.mention_id = links.mention_id
    inner join productions
        on mentions.extraction_id = productions.extraction_id and mentions.pointer = productions.pointer
),

-- Without evenings: what the page's later versions, under that title, are known to speak of.
by_title as (
    select
        productions.extraction_id,
        productions.pointer,
        known.production_id,
        rank() over (
            partition by productions.extraction_id, productions.pointer
            order by known.scraped_at
        ) as version_rank
    from productions
    inner join known
        on
            productions.company_domain = known.company_domain
            and productions.url = known.url
            and productions.scraped_at <= known.scraped_at
            and {{ titles_alike('productions.title_key', 'known.title_key') }}
    where
        not exists (
            select 1 from by_evenings
            where by_evenings.extraction_id = productions.extraction_id and by_evenings.pointer = productions.pointer
        )
),

identified as (
    select
        extraction_id,
        pointer,
        production_id
    from by_evenings
    union
    select
        extraction_id,
        pointer,
        production_id
    from by_title
    where version_rank = 1
)

select * from identified
