with casts as (
    select * from {{ ref('int_cast_listings') }}
    where is_best
),

updates as (
    select * from {{ ref('stg_page_updates') }}
),

production_listings as (
    select * from {{ ref('int_production_listings') }}
),

evening_listings as (
    select * from {{ ref('int_evening_listings') }}
),

-- A newer version ends what it does not repeat, if it speaks of the production, and of the evening, at all.
ended as (
    select
        casts.*,
        case
            when
                updates.page_id is not null
                and exists (
                    select 1 from production_listings
                    where
                        production_listings.extraction_id = updates.best_later_extraction_id
                        and production_listings.production_id = casts.production_id
                )
                and (
                    casts.performance_id is null
                    or exists (
                        select 1 from evening_listings
                        where
                            evening_listings.extraction_id = updates.best_later_extraction_id
                            and evening_listings.performance_id = casts.performance_id
                    )
                )
                then {{ day_of('updates.updated_at') }}
        end as replaced_on,
        lead({{ day_of('casts.scraped_at') }}) over (
            partition by
                casts.production_id, casts.performance_id, casts.part_key, casts.person_key, casts.url
            order by casts.scraped_at, casts.pointer collate "C"
        ) as again_on
    from casts
    left join updates on casts.page_id = updates.earlier_page_id
),

ranges as (
    select
        *,
        {{ day_of('scraped_at') }} as known_from,
        coalesce(replaced_on, again_on, {{ open_end() }}) as known_until
    from ended
),

marked as (
    select
        *,
        coalesce(known_from > max(known_until) over (
            partition by production_id, performance_id, part_key, person_key
            order by known_from, known_until, url collate "C", pointer collate "C"
            rows between unbounded preceding and 1 preceding
        ), true) as is_start
    from ranges
    where known_from < known_until
),

numbered as (
    select
        *,
        count(*) filter (where is_start) over (
            partition by production_id, performance_id, part_key, person_key
            order by known_from, known_until, url collate "C", pointer collate "C"
        ) as range_number
    from marked
),

{% set newest = 'known_from desc, url collate "C", pointer collate "C"' %}

merged as (
    select
        production_id,
        performance_id,
        part_key,
        person_key,
        performer_id,
        {{ first_known('role_name', newest) }} as role_name,
        {{ first_known('performer_name', newest) }} as performer_name,
        {{ first_known('kind', newest) }} as kind,
        {{ first_known('url', newest) }} as source_url,
        min(known_from) as known_from,
        max(known_until) as known_until
    from numbered
    group by production_id, performance_id, part_key, person_key, performer_id, range_number
),

keyed as (
    select
        {{ key('cast_history', ['production_id', 'performance_id', 'part_key', 'person_key', 'known_from']) }} as id,
        production_id,
        performance_id,
        role_name,
        performer_id,
        performer_name,
        kind,
        known_from,
        known_until,
        known_until = {{ open_end() }} as is_current,
        source_url
    from merged
)

select * from keyed
