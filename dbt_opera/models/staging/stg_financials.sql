with objects as (
    {{ objects(['financials']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        position,
        {{ grounded('fiscal_year') }} as fiscal_year,
        {{ as_date(grounded('period_start')) }} as period_start_date,
        {{ as_date(grounded('period_end')) }} as period_end_date,
        {{ as_code(grounded('currency'), '^[A-Z]{3}$') }} as currency_code,
        -- A multiplier that is printed but not grounded leaves the amounts without a unit, hence unknown.
        case
            when {{ ungated('unit_multiplier') }} is null then 1 else {{ as_count(grounded('unit_multiplier')) }}
        end as unit_multiplier,
        {{ as_boolean(grounded('is_estimated')) }} as is_estimated,
        {{ as_amount(grounded('total_revenue')) }} as total_revenue,
        {{ as_amount(grounded('ticket_revenue')) }} as ticket_revenue,
        {{ as_amount(grounded('subscription_revenue')) }} as subscription_revenue,
        {{ as_amount(grounded('donation_revenue')) }} as donation_revenue,
        {{ as_amount(grounded('government_grants')) }} as government_grants,
        {{ as_amount(grounded('corporate_sponsorship')) }} as corporate_sponsorship,
        {{ as_amount(grounded('endowment_income')) }} as endowment_income,
        {{ as_amount(grounded('other_revenue')) }} as other_revenue,
        {{ as_amount(grounded('total_expenses')) }} as total_expenses,
        {{ as_amount(grounded('artist_fees')) }} as artist_fees,
        {{ as_amount(grounded('production_costs')) }} as production_costs,
        {{ as_amount(grounded('venue_costs')) }} as venue_costs,
        {{ as_amount(grounded('marketing_costs')) }} as marketing_costs,
        {{ as_amount(grounded('administrative_costs')) }} as administrative_costs,
        {{ as_amount(grounded('other_expenses')) }} as other_expenses
    from objects
)

select * from gated
