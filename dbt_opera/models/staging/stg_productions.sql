with objects as (
    {{ objects(['productions']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        position,
        {{ grounded('opera_title', elsewhere=true) }} as opera_title,
        {{ grounded('composer', elsewhere=true) }} as composer,
        {{ grounded('librettist', elsewhere=true) }} as librettist,
        {{ grounded('production_title', elsewhere=true) }} as production_title,
        {{ grounded('season', elsewhere=true) }} as season,
        {{ as_code(grounded('language', elsewhere=true), '^[a-z]{2}$') }} as language,
        {{ grounded('genre', elsewhere=true) }} as genre,
        {{ grounded('venue', elsewhere=true) }} as venue,
        {{ grounded('city', elsewhere=true) }} as city,
        {{ grounded('production_type', elsewhere=true) }} as production_type,
        {{ grounded('presentation', elsewhere=true) }} as presentation,
        {{ as_boolean(grounded('is_family', elsewhere=true)) }} as is_family,
        {{ as_boolean(grounded('is_world_premiere', elsewhere=true)) }} as is_world_premiere,
        {{ as_date(grounded('premiere_date', elsewhere=true)) }} as premiere_date,
        {{ as_date(grounded('closing_date', elsewhere=true)) }} as closing_date,
        {{ as_count(grounded('duration_minutes', elsewhere=true)) }} as duration_minutes,
        {{ as_count(grounded('intermissions', elsewhere=true)) }} as intermissions
    from objects
)

select * from gated
