with companies as (
    select * from {{ ref('int_companies') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

performances as (
    select * from {{ ref('stg_performances') }}
    where is_latest and venue is not null
),

printed as (
    select
        mentions.company_id,
        {{ normalised('mentions.venue') }} as venue_key,
        mentions.venue as name,
        mentions.city,
        mentions.extraction_id,
        mentions.pointer || '/venue' as pointer,
        mentions.pick_rank,
        0 as position,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from mentions
    where mentions.venue is not null
    union all
    select
        mentions.company_id,
        {{ normalised('performances.venue') }} as venue_key,
        performances.venue as name,
        performances.city,
        performances.extraction_id,
        performances.pointer || '/venue' as pointer,
        mentions.pick_rank,
        performances.position + 1 as position,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from performances
    inner join mentions
        on performances.extraction_id = mentions.extraction_id and performances.parent_pointer = mentions.pointer
),

merged as (
    select
        company_id,
        venue_key,
        {{ first_known('name', 'pick_rank, position') }} as name,
        {{ first_known('city', 'pick_rank, position') }} as city,
        {{ first_known('extraction_id', 'pick_rank, position') }} as source_extraction_id,
        {{ first_known('pointer', 'pick_rank, position') }} as source_pointer,
        {{ audit_columns('printed') }}
    from printed
    where venue_key <> ''
    group by company_id, venue_key
),

main_venues as (
    select
        id as company_id,
        {{ normalised('primary_venue_name') }} as venue_key,
        primary_venue_name as name,
        city,
        country_code,
        venue_capacity
    from companies
    where primary_venue_name is not null
),

every_venue as (
    select
        coalesce(merged.company_id, main_venues.company_id) as company_id,
        coalesce(merged.venue_key, main_venues.venue_key) as venue_key,
        coalesce(main_venues.name, merged.name) as name,
        coalesce(merged.city, main_venues.city) as city,
        main_venues.country_code,
        main_venues.venue_capacity as capacity,
        case when main_venues.company_id is not null then 'reference' else 'provisional' end as resolution,
        case when main_venues.company_id is not null then 1.00 else 0.50 end::numeric(3, 2) as resolution_score,
        merged.source_extraction_id,
        merged.source_pointer,
        merged.created_at,
        merged.updated_at,
        merged.last_confirmed_at
    from merged
    full outer join main_venues
        on merged.company_id = main_venues.company_id and merged.venue_key = main_venues.venue_key
),

keyed as (
    select
        every_venue.*,
        {{ key('venue', ['company_id', 'venue_key']) }} as venue_id
    from every_venue
)

select * from keyed
