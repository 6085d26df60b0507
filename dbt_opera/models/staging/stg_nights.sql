with cast_members as (
    {{ objects(['productions', 'cast_members', 'nights']) }}
),

credits as (
    {{ objects(['productions', 'creative_team', 'nights']) }}
),

ticket_prices as (
    {{ objects(['productions', 'ticket_prices', 'nights']) }}
),

objects as (
    select * from cast_members
    union all
    select * from credits
    union all
    select * from ticket_prices
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        production_pointer,
        position,
        {{ as_date(grounded('date')) }} as performance_date,
        {{ as_time(grounded('time')) }} as performance_time
    from objects
)

select * from gated
