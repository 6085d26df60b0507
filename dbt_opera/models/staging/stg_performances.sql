with objects as (
    {{ objects(['productions', 'performances']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        {{ as_date(grounded('date')) }} as performance_date,
        {{ as_time(grounded('time')) }} as performance_time,
        {{ as_boolean(ungated('year_inferred')) }} as is_year_inferred,
        {{ grounded('venue') }} as venue,
        {{ grounded('city') }} as city,
        {{ grounded('status') }} as status,
        {{ grounded('availability') }} as availability,
        {{ grounded('type') }} as performance_type,
        {{ grounded('ticket_url') }} as ticket_url
    from objects
)

select * from gated
