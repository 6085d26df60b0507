{# Nothing is dropped because it could not be linked. #}
with listed as (
    select
        performances.extraction_id,
        performances.pointer
    from {{ ref('stg_performances') }} as performances
    inner join {{ ref('int_mentions') }} as mentions
        on performances.extraction_id = mentions.extraction_id and performances.parent_pointer = mentions.pointer
    inner join {{ ref('int_works_mentioned') }} as titles
        on mentions.mention_id = titles.mention_id and titles.ordinal = 1
    where
        performances.is_latest
        and performances.performance_date is not null
        and performances.performance_time is not null
),

evenings as (
    select * from {{ ref('int_evenings') }}
),

dropped as (
    select listed.*
    from listed
    left join evenings on listed.extraction_id = evenings.extraction_id and listed.pointer = evenings.pointer
    where evenings.performance_id is null
)

select * from dropped
