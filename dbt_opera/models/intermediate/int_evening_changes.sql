with listings as (
    select * from {{ ref('int_evening_listings') }}
),

updates as (
    select * from {{ ref('stg_page_updates') }}
    where is_comparable
),

windows as (
    select * from {{ ref('stg_page_windows') }}
),

said as (
    select
        extraction_id,
        performance_id,
        production_id,
        performance_date,
        case
            when bool_or(status = 'cancelled') then 'cancelled'
            when bool_or(status = 'postponed') then 'postponed'
            else 'scheduled'
        end as status,
        {{ first_known('performance_time', 'listing_rank') }} as performance_time,
        (array_agg(
            pointer
            order by array_position(array['cancelled', 'postponed'], status) nulls last, listing_rank
        ))[1] as pointer
    from listings
    group by extraction_id, performance_id, production_id, performance_date
),

first_listings as (
    select
        performance_id,
        min(scraped_at) as first_seen_at
    from listings
    group by performance_id
),

paired as (
    select
        updates.url,
        updates.updated_at,
        later.extraction_id,
        later.pointer,
        later.production_id,
        later.performance_id,
        earlier.status as old_status,
        later.status as new_status,
        earlier.performance_time as old_time,
        later.performance_time as new_time
    from updates
    inner join said as later on updates.later_extraction_id = later.extraction_id
    inner join said as earlier
        on updates.earlier_extraction_id = earlier.extraction_id and later.performance_id = earlier.performance_id
),

-- New on a page that was known; what a list's window reaches for the first time was not announced with it.
announced as (
    select
        updates.url,
        updates.updated_at,
        later.extraction_id,
        later.pointer,
        later.production_id,
        later.performance_id,
        later.performance_date,
        later.performance_time
    from updates
    inner join said as later on updates.later_extraction_id = later.extraction_id
    inner join first_listings
        on later.performance_id = first_listings.performance_id and updates.updated_at = first_listings.first_seen_at
    inner join windows on updates.earlier_extraction_id = windows.extraction_id
    where
        later.performance_date >= {{ day_of('updates.updated_at') }}
        and (windows.is_of_one_production or later.performance_date between windows.first_date and windows.last_date)
),

changes as (
    select
        case new_status when 'scheduled' then 'reinstated' else new_status end as kind,
        production_id,
        performance_id,
        old_status as old_value,
        new_status as new_value,
        updated_at as seen_at,
        url,
        extraction_id,
        pointer || '/status' as pointer
    from paired
    where old_status <> new_status
    union all
    select
        'time_moved' as kind,
        production_id,
        performance_id,
        to_char(old_time, 'HH24:MI') as old_value,
        to_char(new_time, 'HH24:MI') as new_value,
        updated_at as seen_at,
        url,
        extraction_id,
        pointer || '/time' as pointer
    from paired
    where old_time <> new_time
    union all
    select
        'announced' as kind,
        production_id,
        performance_id,
        null as old_value,
        performance_date || coalesce(to_char(performance_time, ' HH24:MI'), '') as new_value,
        updated_at as seen_at,
        url,
        extraction_id,
        pointer || '/date' as pointer
    from announced
)

select * from changes
