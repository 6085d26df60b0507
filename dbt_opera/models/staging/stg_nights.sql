{% set lists = ['cast_members', 'creative_team', 'ticket_prices'] %}

with
{% for list in lists %}
nights_of_{{ list }} as (
    {{ objects(['productions', list, 'nights']) }}
),
{% endfor %}
objects as (
    {% for list in lists %}
    select * from nights_of_{{ list }}
    {{ "union all" if not loop.last }}
    {% endfor %}
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
