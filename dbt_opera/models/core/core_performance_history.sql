with listings as (
    select * from {{ ref('int_evening_listings') }}
    where is_best and known_from < known_until
),

days as (
    select
        performance_id,
        known_from as day
    from listings
    union
    select
        performance_id,
        known_until as day
    from listings
    where known_until < {{ open_end() }}
),

ranges as (
    select
        performance_id,
        day as known_from,
        coalesce(lead(day) over (
            partition by performance_id
            order by day
        ), {{ open_end() }}) as known_until
    from days
),

-- What all pages together said at the end of each of these days, picked as core picks it.
said as (
    select
        ranges.performance_id,
        ranges.known_from,
        ranges.known_until,
        count(listings.pointer) > 0 as is_listed,
        {{ first_known('listings.performance_time', 'listings.listing_rank') }} as performance_time,
        {{ first_known('listings.venue_name', 'listings.listing_rank') }} as venue_name,
        case
            when bool_or(listings.status = 'cancelled') then 'cancelled'
            when bool_or(listings.status = 'postponed') then 'postponed'
            else 'scheduled'
        end as status,
        {{ first_known('listings.availability', 'listings.scraped_at desc, listings.listing_rank') }} as availability,
        {{ first_known('listings.url', 'listings.listing_rank') }} as source_url
    from ranges
    left join listings
        on
            ranges.performance_id = listings.performance_id
            and ranges.known_from >= listings.known_from
            and ranges.known_from < listings.known_until
    group by ranges.performance_id, ranges.known_from, ranges.known_until
),

moves as (
    select
        performance_id,
        known_until as day,
        min(moved_to_date) as moved_to_date
    from listings
    where moved_to_date is not null
    group by performance_id, known_until
),

-- What is listed nowhere any more keeps what was last said of it.
carried as (
    select
        said.performance_id,
        said.known_from,
        said.known_until,
        said.is_listed,
        case when said.is_listed then said.performance_time else lag(said.performance_time) over before end
            as performance_time,
        case when said.is_listed then said.venue_name else lag(said.venue_name) over before end as venue_name,
        case
            when said.is_listed then said.status
            when lag(said.status) over before = 'cancelled' then 'cancelled'
            when moves.moved_to_date is not null then 'moved'
            else 'withdrawn'
        end as status,
        case when said.is_listed then said.availability end as availability,
        case when not said.is_listed then moves.moved_to_date end as moved_to_date,
        case when said.is_listed then said.source_url else lag(said.source_url) over before end as source_url
    from said
    left join moves on said.performance_id = moves.performance_id and said.known_from = moves.day
    window before as (
        partition by said.performance_id
        order by said.known_from
    )
),

compared as (
    select
        *,
        lag(jsonb_build_array(performance_time, venue_name, status, availability, moved_to_date)) over (
            partition by performance_id
            order by known_from
        ) as earlier_state
    from carried
),

numbered as (
    select
        *,
        count(*) filter (
            where
            earlier_state is distinct from jsonb_build_array(
                performance_time, venue_name, status, availability, moved_to_date
            )
        ) over (
            partition by performance_id
            order by known_from
        ) as state_number
    from compared
),

states as (
    select
        performance_id,
        performance_time,
        venue_name,
        status,
        availability,
        moved_to_date,
        {{ first_known('source_url', 'known_from') }} as source_url,
        min(known_from) as known_from,
        max(known_until) as known_until
    from numbered
    group by performance_id, state_number, performance_time, venue_name, status, availability, moved_to_date
),

keyed as (
    select
        {{ key('performance_history', ['performance_id', 'known_from']) }} as id,
        performance_id,
        performance_time,
        venue_name,
        status,
        availability,
        moved_to_date,
        known_from,
        known_until,
        known_until = {{ open_end() }} as is_current,
        source_url
    from states
)

select * from keyed
