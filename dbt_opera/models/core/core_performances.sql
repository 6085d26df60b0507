with evenings as (
    select * from {{ ref('int_evenings') }}
),

performances as (
    select * from {{ ref('stg_performances') }}
    where is_latest
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

productions as (
    select distinct
        production_id,
        company_id
    from {{ ref('int_mention_productions') }}
),

companies as (
    select * from {{ ref('int_companies') }}
),

venues as (
    select * from {{ ref('int_venues') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

sightings as (
    select * from {{ ref('int_sightings') }}
),

dropped as (
    select * from {{ ref('stg_dropped_evenings') }}
),

printed as (
    select
        evenings.performance_id,
        evenings.production_id,
        evenings.performance_date,
        evenings.performance_time,
        evenings.ordinal,
        evenings.extraction_id,
        evenings.pointer,
        -- Pages that list the evening before pages that only name it beside a singer or a price.
        row_number() over (
            order by evenings.is_listed desc, mentions.pick_rank, evenings.pointer collate "C"
        ) as evening_rank,
        row_number() over (
            order by mentions.newest_rank, evenings.pointer collate "C"
        ) as newest_rank,
        sources.is_newest,
        dropped.dropped_at,
        case
            when dropped.moved_to_date is not null then 'moved'
            when dropped.is_withdrawn then 'withdrawn'
        end as dropped_status,
        performances.is_year_inferred,
        coalesce(performances.venue, mentions.venue) as venue_name,
        coalesce(performances.city, mentions.city) as city,
        performances.status,
        performances.availability,
        coalesce(
            performances.performance_type,
            case when evenings.performance_date = mentions.premiere_date then 'premiere' end
        ) as performance_type,
        performances.ticket_url,
        coalesce(sightings.first_seen_at, mentions.scraped_at) as first_seen_at,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from evenings
    inner join mentions on evenings.mention_id = mentions.mention_id
    inner join sources on mentions.extraction_id = sources.extraction_id
    left join performances
        on evenings.extraction_id = performances.extraction_id and evenings.pointer = performances.pointer
    left join sightings
        on
            sources.company_domain = sightings.company_domain
            and sources.url = sightings.url
            and evenings.performance_date = sightings.performance_date
    left join dropped
        on evenings.extraction_id = dropped.extraction_id and evenings.pointer = dropped.pointer
),

merged as (
    select
        performance_id,
        production_id,
        performance_date,
        ordinal,
        {{ first_known('performance_time', 'evening_rank') }} as performance_time,
        -- One page that prints the year is enough.
        bool_and(coalesce(is_year_inferred, false)) as is_year_inferred,
        {{ first_known('venue_name', 'evening_rank') }} as venue_name,
        {{ first_known('city', 'evening_rank') }} as city,
        -- Feeds go on saying "scheduled" of evenings the page strikes out: the graver word stands.
        case
            when bool_or(status = 'cancelled') then 'cancelled'
            when bool_or(status = 'postponed') then 'postponed'
            -- Listed nowhere any more: what the page meant that dropped it last.
            when bool_or(is_newest) then 'scheduled'
            else coalesce((array_agg(dropped_status order by dropped_at desc nulls last, evening_rank))[1], 'scheduled')
        end as status,
        {{ first_known('availability', 'newest_rank') }} as availability,
        {{ first_known('performance_type', 'evening_rank') }} as performance_type,
        {{ first_known('ticket_url', 'evening_rank') }} as ticket_url,
        {{ first_known('extraction_id', 'evening_rank') }} as source_extraction_id,
        {{ first_known('pointer', 'evening_rank') }} as source_pointer,
        min(first_seen_at) as first_seen_at,
        {{ audit_columns('printed') }}
    from printed
    group by performance_id, production_id, performance_date, ordinal
),

located as (
    select
        merged.performance_id as id,
        merged.production_id,
        merged.performance_date,
        merged.performance_time,
        case
            when merged.performance_time is not null and companies.timezone is not null
                then (merged.performance_date + merged.performance_time) at time zone companies.timezone
        end as performance_datetime,
        case when merged.is_year_inferred then 'inferred' else 'exact' end as date_precision,
        merged.ordinal,
        merged.performance_type,
        venues.venue_id,
        merged.venue_name,
        merged.city,
        merged.status,
        merged.availability,
        merged.status = 'cancelled' as is_cancelled,
        merged.ticket_url,
        null::numeric(5, 2) as attendance_percentage,
        null::numeric(14, 2) as box_office_revenue,
        null::text as revenue_currency,
        merged.first_seen_at,
        merged.source_extraction_id,
        merged.source_pointer,
        merged.created_at,
        merged.updated_at,
        merged.last_confirmed_at
    from merged
    inner join productions on merged.production_id = productions.production_id
    inner join companies on productions.company_id = companies.id
    left join venues
        on productions.company_id = venues.company_id and {{ normalised('merged.venue_name') }} = venues.venue_key
)

select * from located
