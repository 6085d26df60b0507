{# Start times closer than this on different pages are one evening that somebody rounded or moved. #}
{% set same_evening = "interval '2 hours'" %}

with evenings as (
    select * from {{ ref('int_mention_evenings') }}
),

productions as (
    select * from {{ ref('int_mention_productions') }}
),

placed as (
    select
        evenings.mention_id,
        evenings.extraction_id,
        evenings.pointer,
        evenings.performance_date,
        evenings.performance_time,
        evenings.is_listed,
        productions.production_id
    from evenings
    inner join productions
        on evenings.mention_id = productions.mention_id and evenings.performance_date = productions.performance_date
),

times as (
    select distinct
        production_id,
        performance_date,
        performance_time
    from placed
    where performance_time is not null
),

after_times as (
    select
        *,
        lag(performance_time) over (
            partition by production_id, performance_date
            order by performance_time
        ) as previous_time
    from times
),

-- One page that lists both times means two evenings, however close.
starts as (
    select
        after_times.*,
        (
            after_times.previous_time is null
            or after_times.performance_time - after_times.previous_time >= {{ same_evening }}
            or exists (
                select 1
                from placed as earlier
                inner join placed as later on earlier.mention_id = later.mention_id
                where
                    earlier.production_id = after_times.production_id
                    and earlier.performance_date = after_times.performance_date
                    and earlier.performance_time = after_times.previous_time
                    and earlier.is_listed
                    and later.production_id = after_times.production_id
                    and later.performance_date = after_times.performance_date
                    and later.performance_time = after_times.performance_time
                    and later.is_listed
            )
        ) as is_start
    from after_times
),

ordinals as (
    select
        production_id,
        performance_date,
        performance_time,
        count(*) filter (where is_start) over (
            partition by production_id, performance_date
            order by performance_time
        ) as ordinal
    from starts
),

counted as (
    select
        production_id,
        performance_date,
        max(ordinal) as evenings_count
    from ordinals
    group by production_id, performance_date
),

-- An unknown time joins the only evening of its date; where there are two, it says nothing about either.
numbered as (
    select
        placed.*,
        case
            when placed.performance_time is not null then ordinals.ordinal
            when coalesce(counted.evenings_count, 1) = 1 then 1
        end as ordinal
    from placed
    left join ordinals
        on
            placed.production_id = ordinals.production_id
            and placed.performance_date = ordinals.performance_date
            and placed.performance_time = ordinals.performance_time
    left join counted
        on placed.production_id = counted.production_id and placed.performance_date = counted.performance_date
),

keyed as (
    select
        mention_id,
        extraction_id,
        pointer,
        production_id,
        performance_date,
        performance_time,
        is_listed,
        {{ key('performance', ['production_id', 'performance_date', 'ordinal']) }} as performance_id,
        ordinal::integer as ordinal
    from numbered
    where ordinal is not null
)

select * from keyed
