with assignments as (
    select * from {{ ref('int_creative_assignments') }}
),

merged as (
    select
        creative_assignment_id as id,
        production_id,
        performance_id,
        performer_id,
        function,
        bool_and(is_on_unknown_nights) as is_on_unknown_nights,
        row_number() over (
            partition by production_id, function
            order by min(pick_rank), min(position), performer_id, performance_id nulls first
        ) as billing_position,
        {{ first_known('resolution', 'pick_rank, position') }} as resolution,
        min(resolution_score) as resolution_score,
        {{ first_known('extraction_id', 'pick_rank, position') }} as source_extraction_id,
        {{ first_known('pointer', 'pick_rank, position') }} as source_pointer,
        {{ audit_columns('assignments') }}
    from assignments
    group by creative_assignment_id, production_id, performance_id, performer_id, function
)

select * from merged
