with evening_changes as (
    select * from {{ ref('int_evening_changes') }}
),

cast_changes as (
    select * from {{ ref('int_cast_changes') }}
),

price_changes as (
    select * from {{ ref('int_price_changes') }}
),

history as (
    select
        *,
        lag(status) over (
            partition by performance_id
            order by known_from
        ) as earlier_status
    from {{ ref('core_performance_history') }}
),

listings as (
    select * from {{ ref('int_evening_listings') }}
    where is_best
),

dropped as (
    select * from {{ ref('stg_dropped_evenings') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

-- Withdrawn is what no page lists any more, so it is news when the last of them has dropped it.
withdrawn as (
    select distinct on (history.performance_id, history.known_from)
        history.status,
        history.performance_id,
        performances.production_id,
        performances.performance_date,
        history.moved_to_date,
        dropped.moved_to_time,
        dropped.dropped_at as seen_at,
        dropped.url,
        dropped.later_extraction_id as extraction_id,
        dropped.moved_to_pointer
    from history
    inner join performances on history.performance_id = performances.id
    inner join listings on history.performance_id = listings.performance_id
    inner join dropped on listings.extraction_id = dropped.extraction_id and listings.pointer = dropped.pointer
    where
        history.status in ('withdrawn', 'moved')
        and history.earlier_status not in ('withdrawn', 'moved')
        and dropped.is_withdrawn
        and {{ day_of('dropped.dropped_at') }} = history.known_from
        and dropped.moved_to_date is not distinct from history.moved_to_date
    order by history.performance_id, history.known_from, dropped.dropped_at desc, dropped.url collate "C"
),

listed_again as (
    select distinct on (history.performance_id, history.known_from)
        history.earlier_status,
        history.status,
        history.performance_id,
        listings.production_id,
        listings.scraped_at as seen_at,
        listings.url,
        listings.extraction_id,
        listings.pointer
    from history
    inner join listings
        on history.performance_id = listings.performance_id and history.known_from = listings.known_from
    where history.earlier_status in ('withdrawn', 'moved') and history.status = 'scheduled'
    order by history.performance_id, history.known_from, listings.scraped_at, listings.url collate "C"
),

-- The evening that another moved to is told of there.
move_targets as (
    select
        withdrawn.extraction_id,
        withdrawn.moved_to_pointer || '/date' as pointer
    from withdrawn
    where withdrawn.moved_to_pointer is not null
),

every_change as (
    select
        kind,
        production_id,
        performance_id,
        '' as part_key,
        null as subject,
        old_value,
        new_value,
        null::numeric as change_share,
        seen_at,
        url,
        extraction_id,
        pointer
    from evening_changes
    where
        kind <> 'announced'
        or not exists (
            select 1 from move_targets
            where
                move_targets.extraction_id = evening_changes.extraction_id
                and move_targets.pointer = evening_changes.pointer
        )
    union all
    select
        case status when 'moved' then 'date_moved' else status end as kind,
        production_id,
        performance_id,
        '' as part_key,
        null as subject,
        performance_date::text as old_value,
        moved_to_date || coalesce(to_char(moved_to_time, ' HH24:MI'), '') as new_value,
        null::numeric as change_share,
        seen_at,
        url,
        extraction_id,
        moved_to_pointer || '/date' as pointer
    from withdrawn
    union all
    select
        'reinstated' as kind,
        production_id,
        performance_id,
        '' as part_key,
        null as subject,
        earlier_status as old_value,
        status as new_value,
        null::numeric as change_share,
        seen_at,
        url,
        extraction_id,
        pointer || '/date' as pointer
    from listed_again
    union all
    select
        kind,
        production_id,
        performance_id,
        part_key,
        role_name as subject,
        old_value,
        new_value,
        null::numeric as change_share,
        seen_at,
        url,
        extraction_id,
        pointer
    from cast_changes
    union all
    select
        kind,
        production_id,
        performance_id,
        kind || part_key as part_key,
        category as subject,
        old_value,
        new_value,
        change_share,
        seen_at,
        url,
        extraction_id,
        pointer
    from price_changes
),

topics as (
    select
        *,
        case
            when kind in ('cast_added', 'cast_removed', 'cast_replaced', 'jump_in') then 'cast'
            when kind in ('price_changed', 'time_moved') then kind
            else 'status'
        end as topic,
        jsonb_build_array(kind, old_value, new_value) as news
    from every_change
),

-- Several pages tell the same news, one after the other, and each night's page what holds for the run.
compared as (
    select
        *,
        lag(news) over (
            partition by production_id, performance_id, part_key, topic
            order by seen_at, url collate "C", pointer collate "C"
        ) as earlier_news
    from topics
),

first_told as (
    select *
    from compared
    where
        news is distinct from earlier_news
        and not (
            performance_id is not null
            and topic in ('cast', 'price_changed')
            and exists (
                select 1 from compared as of_run
                where
                    of_run.performance_id is null
                    and of_run.production_id = compared.production_id
                    and of_run.topic = compared.topic
                    and of_run.part_key = compared.part_key
                    and of_run.old_value is not distinct from compared.old_value
                    and of_run.new_value is not distinct from compared.new_value
            )
        )
),

keyed as (
    select distinct on (id)
        {{ key('change', [
            'production_id', 'performance_id', 'topic', 'part_key', 'kind', 'old_value', 'new_value', 'seen_at'
        ]) }} as id,
        kind,
        production_id,
        performance_id,
        subject,
        old_value,
        new_value,
        change_share,
        seen_at,
        url as source_url,
        extraction_id as source_extraction_id,
        pointer as source_pointer
    from first_told
    order by id, url collate "C", pointer collate "C"
)

select * from keyed
