with objects as (
    {{ objects(['productions']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        position,
        {{ grounded('opera_title') }} as opera_title,
        {{ grounded('composer') }} as composer,
        {{ grounded('librettist') }} as librettist,
        {{ grounded('production_title') }} as production_title,
        {{ grounded('season') }} as season,
        {{ as_code(grounded('language'), '^[a-z]{2}$') }} as language,
        {{ grounded('genre') }} as genre,
        {{ grounded('venue') }} as venue,
        {{ grounded('city') }} as city,
        {{ grounded('production_type') }} as production_type,
        {{ grounded('presentation') }} as presentation,
        {{ as_boolean(grounded('is_family')) }} as is_family,
        {{ as_boolean(grounded('is_world_premiere')) }} as is_world_premiere,
        {{ as_date(grounded('premiere_date')) }} as premiere_date,
        {{ as_date(grounded('closing_date')) }} as closing_date,
        {{ as_count(grounded('duration_minutes')) }} as duration_minutes,
        {{ as_count(grounded('intermissions')) }} as intermissions
    from objects
)

select * from gated
