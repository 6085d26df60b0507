with evenings as (
    select * from {{ ref('stg_page_evenings') }}
),

productions as (
    select * from {{ ref('stg_page_productions') }}
),

updates as (
    select * from {{ ref('stg_page_updates') }}
),

dropped as (
    select * from {{ ref('stg_dropped_evenings') }}
),

keyed as (
    select distinct
        extraction_id,
        pointer,
        production_id,
        performance_id
    from {{ ref('int_evenings') }}
    where is_listed
),

-- Where core knows the evening from: the last version of the page that lists it.
representatives as (
    select
        evenings.*,
        keyed.production_id,
        keyed.performance_id
    from evenings
    inner join keyed on evenings.extraction_id = keyed.extraction_id and evenings.pointer = keyed.pointer
),

-- Today's resolution says what any version spoke of, so merges and splits are no news.
identified as (
    select distinct on (evenings.extraction_id, evenings.pointer)
        evenings.*,
        representatives.production_id,
        representatives.performance_id
    from evenings
    inner join representatives
        on
            evenings.company_domain = representatives.company_domain
            and evenings.url = representatives.url
            and {{ same_evening('evenings', 'representatives') }}
            and evenings.scraped_at <= representatives.scraped_at
    order by
        evenings.extraction_id, evenings.pointer, representatives.scraped_at, representatives.pointer collate "C"
),

ranked as (
    select
        identified.*,
        productions.page_type,
        row_number() over (
            partition by identified.performance_id
            order by
                productions.extractor_rank,
                productions.is_about_one desc,
                identified.url collate "C",
                identified.scraped_at desc,
                identified.pointer collate "C"
        ) as listing_rank,
        updates.updated_at as replaced_at,
        dropped.is_withdrawn,
        dropped.extraction_id is not null as is_dropped,
        dropped.moved_to_date
    from identified
    inner join productions
        on identified.extraction_id = productions.extraction_id and identified.production_pointer = productions.pointer
    left join updates on identified.page_id = updates.earlier_page_id
    left join dropped
        on identified.extraction_id = dropped.extraction_id and identified.pointer = dropped.pointer
),

listed_again as (
    select
        performance_id,
        url,
        scraped_at,
        lead(scraped_at) over (
            partition by performance_id, company_domain, url
            order by scraped_at
        ) as again_at
    from (
        select distinct
            performance_id,
            company_domain,
            url,
            scraped_at
        from ranked
        where is_best
    ) as moments
),

-- An evening stays known, on a page that goes or no longer lists it, until it is withdrawn or listed anew.
known as (
    select
        ranked.extraction_id,
        ranked.production_pointer,
        ranked.pointer,
        ranked.page_id,
        ranked.page_type,
        ranked.url,
        ranked.is_best,
        ranked.scraped_at,
        ranked.production_id,
        ranked.performance_id,
        ranked.performance_date,
        ranked.performance_time,
        ranked.venue_name,
        ranked.status,
        ranked.availability,
        ranked.listing_rank,
        ranked.moved_to_date,
        {{ day_of('ranked.scraped_at') }} as known_from,
        case
            when listed_again.again_at is not null and not coalesce(ranked.is_withdrawn, false)
                then {{ day_of('listed_again.again_at') }}
            when ranked.is_withdrawn or (ranked.replaced_at is not null and not ranked.is_dropped)
                then {{ day_of('ranked.replaced_at') }}
            else {{ open_end() }}
        end as known_until
    from ranked
    left join listed_again
        on
            ranked.performance_id = listed_again.performance_id
            and ranked.url = listed_again.url
            and ranked.scraped_at = listed_again.scraped_at
)

select * from known
