with assignments as (
    select * from {{ ref('int_cast_assignments') }}
),

merged as (
    select
        cast_assignment_id as id,
        production_id,
        performance_id,
        performer_id,
        is_cover,
        {{ first_known('role_id', 'pick_rank, position') }} as role_id,
        {{ first_known('role_name', 'pick_rank, position') }} as role_name,
        {{ first_known('role', 'pick_rank, position') }} as role_name_printed,
        {{ first_known('role_type', 'pick_rank, position') }} as role_type,
        {{ first_known('role_ordinal', 'pick_rank, position') }} as role_ordinal,
        min(position) as billing_position,
        {{ first_known('voice_type', 'pick_rank, position') }} as voice_type,
        {{ first_known('voice_type_printed', 'pick_rank, position') }} as voice_type_printed,
        {{ first_known('kind', 'pick_rank, position') }} as kind,
        {{ first_known('replaces_performer_id', 'pick_rank, position') }} as replaces_performer_id,
        {{ first_known('resolution', 'resolution_score desc, pick_rank, position') }} as resolution,
        max(resolution_score) as resolution_score,
        {{ first_known('extraction_id', 'pick_rank, position') }} as source_extraction_id,
        {{ first_known('pointer', 'pick_rank, position') }} as source_pointer,
        {{ audit_columns('assignments') }}
    from assignments
    group by cast_assignment_id, production_id, performance_id, performer_id, is_cover
)

select * from merged
