{{ config(materialized='table') }}

with updates as (
    select * from {{ ref('stg_page_updates') }}
),

evenings as (
    select * from {{ ref('stg_page_evenings') }}
),

-- What a version shows: all of a run, or the weeks between its first and last date.
windows as (
    select * from {{ ref('stg_page_windows') }}
),

dropped as (
    select
        earlier.*,
        updates.later_extraction_id,
        updates.updated_at as dropped_at,
        updates.is_comparable
    from updates
    inner join evenings as earlier on updates.earlier_extraction_id = earlier.extraction_id
    where
        not exists (
            select 1 from evenings as later
            where
                later.extraction_id = updates.later_extraction_id
                and {{ same_evening('earlier', 'later') }}
        )
),

added as (
    select
        updates.earlier_extraction_id,
        later.*
    from updates
    inner join evenings as later on updates.later_extraction_id = later.extraction_id
    where
        updates.is_comparable
        and not exists (
            select 1 from evenings as earlier
            where
                earlier.extraction_id = updates.earlier_extraction_id
                and {{ same_evening('earlier', 'later') }}
        )
),

-- A version that says nothing of any production (a page of errors, of cookies) takes nothing back; what another reader
-- missed on the newer version may never have been there.
judged as (
    select
        dropped.*,
        (
            dropped.performance_date > {{ day_of('dropped.dropped_at') }}
            and dropped.is_comparable
            and windows.extraction_id is not null
            and (
                (windows.is_of_one_production and windows_before.is_of_one_production)
                or dropped.performance_date between windows.first_date and windows.last_date
            )
        ) as is_withdrawn
    from dropped
    left join windows on dropped.later_extraction_id = windows.extraction_id
    left join windows as windows_before on dropped.extraction_id = windows_before.extraction_id
    where dropped.is_comparable or dropped.performance_date <= {{ day_of('dropped.dropped_at') }}
),

-- As many new dates as withdrawn ones, on the same version, are moves, in their order.
withdrawn_in_order as (
    select
        *,
        row_number() over (
            partition by extraction_id, production_pointer
            order by performance_date, performance_time, pointer collate "C"
        ) as move_ordinal,
        count(*) over (partition by extraction_id, production_pointer) as moves_count
    from judged
    where is_withdrawn
),

added_in_order as (
    select
        added.extraction_id,
        added.pointer,
        added.title_key,
        added.performance_date,
        added.performance_time,
        row_number() over (
            partition by added.extraction_id, added.production_pointer
            order by added.performance_date, added.performance_time, added.pointer collate "C"
        ) as move_ordinal,
        count(*) over (partition by added.extraction_id, added.production_pointer) as moves_count
    from added
    inner join windows on added.earlier_extraction_id = windows.extraction_id
    where windows.is_of_one_production or added.performance_date between windows.first_date and windows.last_date
),

moved as (
    select distinct on (withdrawn_in_order.extraction_id, withdrawn_in_order.pointer)
        withdrawn_in_order.extraction_id,
        withdrawn_in_order.pointer,
        withdrawn_in_order.later_extraction_id,
        added_in_order.pointer as moved_to_pointer,
        added_in_order.performance_date as moved_to_date,
        added_in_order.performance_time as moved_to_time
    from withdrawn_in_order
    inner join added_in_order
        on
            withdrawn_in_order.later_extraction_id = added_in_order.extraction_id
            and withdrawn_in_order.move_ordinal = added_in_order.move_ordinal
            and withdrawn_in_order.moves_count = added_in_order.moves_count
            and {{ titles_alike('withdrawn_in_order.title_key', 'added_in_order.title_key') }}
    order by withdrawn_in_order.extraction_id, withdrawn_in_order.pointer, added_in_order.pointer collate "C"
),

-- As the version's best reader printed it, since that one speaks for the version.
as_best_read as (
    select distinct on (best.extraction_id, best.pointer)
        best.extraction_id,
        best.production_pointer,
        best.pointer,
        best.page_id,
        best.company_domain,
        best.url,
        best.scraped_at,
        best.title_key,
        best.performance_date,
        best.performance_time,
        best.ordinal_of_day,
        best.evenings_of_day,
        judged.dropped_at,
        judged.is_withdrawn,
        judged.later_extraction_id,
        moved.moved_to_pointer,
        moved.moved_to_date,
        moved.moved_to_time
    from judged
    inner join evenings as best
        on
            judged.page_id = best.page_id
            and best.is_best
            and {{ same_evening('judged', 'best') }}
    left join moved
        on
            judged.extraction_id = moved.extraction_id
            and judged.pointer = moved.pointer
            and judged.later_extraction_id = moved.later_extraction_id
    order by best.extraction_id, best.pointer, judged.is_withdrawn, judged.pointer collate "C"
),

final as (
    select
        as_best_read.*,
        not exists (
            select 1 from evenings as again
            where
                again.company_domain = as_best_read.company_domain
                and again.url = as_best_read.url
                and again.is_best
                and again.scraped_at > as_best_read.scraped_at
                and {{ same_evening('as_best_read', 'again') }}
        ) as is_last_word
    from as_best_read
)

select * from final
