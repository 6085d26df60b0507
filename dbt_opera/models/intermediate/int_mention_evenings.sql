with mentions as (
    select * from {{ ref('int_mentions') }}
),

performances as (
    select * from {{ ref('stg_performances') }}
    where is_latest and performance_date is not null
),

nights as (
    select * from {{ ref('stg_nights') }}
    where is_latest and performance_date is not null
),

-- Who sings on a night says that there is one.
evenings as (
    select
        extraction_id,
        parent_pointer as production_pointer,
        pointer,
        performance_date,
        performance_time,
        true as is_listed
    from performances
    union all
    select
        extraction_id,
        production_pointer,
        pointer,
        performance_date,
        performance_time,
        false as is_listed
    from nights
),

joined as (
    select
        mentions.mention_id,
        evenings.extraction_id,
        evenings.pointer,
        evenings.performance_date,
        evenings.performance_time,
        evenings.is_listed
    from evenings
    inner join mentions
        on evenings.extraction_id = mentions.extraction_id and evenings.production_pointer = mentions.pointer
)

select * from joined
